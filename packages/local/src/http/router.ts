import { OPERATION_NAMES, type OperationName, operations } from "@s2-dev/streamstore-core/operations";

/** A path of the table, and what may be done there. */
interface Route {
  readonly segments: readonly string[];
  readonly methods: Map<string, OperationName>;
}

/** Where a request goes: an operation, or the methods that the path has instead; `undefined` for no such path. */
export type Routed =
  | { readonly operation: OperationName; readonly segments: Readonly<Record<string, string>> }
  | { readonly allow: string };

const API_PREFIX = "/v1";

/** Finds the operation for a method and path by the operations table. */
export function createRouter(): (method: string, path: string) => Routed | undefined {
  const routes = new Map<string, Route>();
  for (const name of OPERATION_NAMES) {
    const { method, path } = operations[name];
    const route = routes.get(path) ?? { segments: path.split("/").slice(1), methods: new Map() };
    routes.set(path, route);
    route.methods.set(method, name);
  }
  // A literal segment wins over a parameter at the same place.
  const ordered = [...routes.values()].sort((left, right) => parameters(left) - parameters(right));

  return (method, path) => {
    if (!path.startsWith(`${API_PREFIX}/`)) return undefined;
    const given = path.slice(API_PREFIX.length + 1).split("/");
    for (const route of ordered) {
      const segments = match(route.segments, given);
      if (segments === undefined) continue;
      const operation = route.methods.get(method === "HEAD" ? "GET" : method);
      return operation === undefined ? { allow: allowed(route) } : { operation, segments };
    }
    return undefined;
  };
}

function match(pattern: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== given.length) return undefined;
  const segments: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = given[index] as string;
    if (!part.startsWith("{")) {
      if (part !== segment) return undefined;
    } else if (segment === "") return undefined;
    else segments[part.slice(1, -1)] = segment;
  }
  return segments;
}

function parameters(route: Route): number {
  return route.segments.filter((segment) => segment.startsWith("{")).length;
}

function allowed(route: Route): string {
  return [...route.methods.keys()]
    .flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]))
    .join(",");
}

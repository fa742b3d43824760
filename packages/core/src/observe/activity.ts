import type { OperationRow } from "../rest/operation-row.js";
import { operations } from "../rest/operations.js";
import type { WireRequest } from "../transport/index.js";
import type { Activity } from "./hooks.js";

type Names = Readonly<Record<string, string | undefined>>;

/** What a request is about, read off the request itself by the operations table. */
export function activityOf(
  id: number,
  kind: Activity["kind"],
  request: WireRequest,
  transport: string,
): Activity {
  const [, origin = "", path = ""] = /^(\w+:\/\/[^/?#]*)([^?#]*)/.exec(request.url) ?? [];
  const { operation, scope, names } = operationOf(request, path);
  return {
    id,
    kind,
    operation,
    // A basin that no header names is the first label of its host.
    basin:
      names.basin ?? (scope === "basin" ? (request.headers["s2-basin"] ?? firstLabel(origin)) : undefined),
    stream: names.stream,
    transport,
    origin,
  };
}

interface Found {
  readonly operation: string;
  readonly scope?: OperationRow["scope"];
  readonly names: Names;
}

/** The operation with the longest path that ends this one: what stands before it is the endpoint's. */
function operationOf(request: WireRequest, path: string): Found {
  const given = path.split("/");
  let found: Found = { operation: "unknown", names: {} };
  let longest = 0;
  for (const [operation, row] of Object.entries(operations) as [string, OperationRow][]) {
    const pattern = row.path.split("/").slice(1);
    if (row.method !== request.method || pattern.length <= longest) continue;
    const names = namesIn(pattern, given.slice(-pattern.length));
    if (names === undefined) continue;
    longest = pattern.length;
    found = { operation, scope: row.scope, names: { ...namesInBody(row, request), ...names } };
  }
  return found;
}

function namesIn(pattern: readonly string[], given: readonly string[]): Names | undefined {
  const names: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = given[index];
    if (segment === undefined || (!part.startsWith("{") && part !== segment)) return undefined;
    if (part.startsWith("{")) names[part.slice(1, -1)] = decoded(segment);
  }
  return names;
}

/** What is created is named in the body. */
function namesInBody({ fields }: OperationRow, { body }: WireRequest): Names {
  const isNamed = fields.stream?.in === "body" || fields.basin?.in === "body";
  if (body === undefined || !isNamed) return {};
  const { basin, stream } = JSON.parse(new TextDecoder().decode(body)) as Names;
  return { basin, stream };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function firstLabel(origin: string): string | undefined {
  return /^\w+:\/\/([^.:[]+)\./.exec(origin)?.[1];
}

import type { ResourceSet } from "@s2-dev/streamstore-core";
import type { ListRequest } from "../rows.js";

/** A set of names as a scope has it; left out, it is empty. */
export type NameSet = ResourceSet | null | undefined;

/** Whether the set holds the name; an empty `exact` holds nothing. */
export function holds(set: NameSet, name: string): boolean {
  if (set === null || set === undefined) return false;
  return "exact" in set ? set.exact !== "" && set.exact === name : name.startsWith(set.prefix);
}

/** Whether every name of the inner set is in the outer one. */
export function isWithin(inner: NameSet, outer: NameSet): boolean {
  if (inner === null || inner === undefined) return true;
  if ("exact" in inner) return inner.exact === "" || holds(outer, inner.exact);
  return outer !== null && outer !== undefined && "prefix" in outer && inner.prefix.startsWith(outer.prefix);
}

/** The part of a listing that lies in the set: a narrower request, or nothing. */
export function narrowed(
  request: ListRequest,
  set: NameSet,
): (ListRequest & { readonly only?: string }) | undefined {
  if (set === null || set === undefined) return undefined;
  if ("exact" in set) {
    const { exact } = set;
    if (exact === "" || !exact.startsWith(request.prefix)) return undefined;
    // The name itself comes first among those that it begins.
    return { ...request, prefix: exact, limit: 1, only: exact };
  }
  if (request.prefix.startsWith(set.prefix)) return request;
  return set.prefix.startsWith(request.prefix) ? { ...request, prefix: set.prefix } : undefined;
}

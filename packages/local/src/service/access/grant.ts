import type { Operation } from "@s2-dev/streamstore-core";
import { refuse, type ServiceError } from "../errors.js";
import type { ListPage, ListRequest } from "../rows.js";
import { holds, type NameSet, narrowed } from "./resource-set.js";

/** What a caller may do, and to which resources. */
export interface Grant {
  /** The token's id, for messages. */
  readonly id: string;
  readonly operations: ReadonlySet<Operation>;
  readonly basins: NameSet;
  /** By their full names. */
  readonly streams: NameSet;
  readonly accessTokens: NameSet;
  /** What the caller does not see of stream names: it is put before those that come and taken from those that go. */
  readonly streamPrefix: string;
  /** Milliseconds since the epoch; `null` for no end. */
  readonly expiresAt: number | null;
}

export function permissionDenied(message: string): ServiceError {
  return refuse("permission_denied", message);
}

/** @throws ServiceError `permission_denied` for the first operation that is not allowed. */
export function requireOperations(grant: Grant, operations: readonly Operation[]): void {
  for (const operation of operations) {
    if (!grant.operations.has(operation)) {
      throw permissionDenied(`operation \`${operation}\` is not permitted by the access token`);
    }
  }
}

/** @throws ServiceError `permission_denied` for a name that is not in the set. */
export function requireName(set: NameSet, kind: "basin" | "stream" | "access token", name: string): void {
  if (!holds(set, name))
    throw permissionDenied(`${kind} \`${name}\` is not in the scope of the access token`);
}

/** A listing of what is in the set. */
export async function listWithin<I>(
  request: ListRequest,
  set: NameSet,
  list: (request: ListRequest) => Promise<ListPage<I>>,
  nameOf: (item: I) => string,
): Promise<ListPage<I>> {
  const part = narrowed(request, set);
  if (part === undefined) return { items: [], hasMore: false };
  const page = await list(part);
  if (part.only === undefined) return page;
  return { items: page.items.filter((item) => nameOf(item) === part.only), hasMore: false };
}

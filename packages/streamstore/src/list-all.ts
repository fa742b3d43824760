import type { ListArgs } from "@s2-dev/streamstore-core";
import type { Parts } from "./parts.js";

/** What `listAll` takes. `limit` is the size of a page. */
export interface ListAllArgs extends ListArgs {
  /** Give out what is being deleted too. Default false. */
  readonly includeDeleted?: boolean | undefined;
}

/** Every item of one of the service's listings, a page at a time as they are asked for. */
export async function* listEverything<
  Items extends string,
  Name extends string,
  Item extends { readonly [N in Name]: string } & { readonly deleted_at?: string | null | undefined },
>(
  parts: Parts,
  list: (
    args: ListArgs,
  ) => Promise<{ readonly has_more: boolean } & { readonly [I in Items]: readonly Item[] }>,
  items: Items,
  name: Name,
  args?: ListAllArgs,
): AsyncGenerator<Item, void, undefined> {
  const { listKept } = await parts.control();
  yield* listKept(list, items, name, args);
}

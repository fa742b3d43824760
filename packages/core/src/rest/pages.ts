import { checkBoolean, checkObject, refused } from "../model/checks.js";
import type { ListArgs } from "../model/resources.js";
import { checkOptionNames } from "../model/shapes.js";

/** One page of a listing, as far as paging goes. */
interface Page {
  readonly has_more: boolean;
}

/** How to walk through a listing. */
export interface Paging<P extends Page, Item> {
  /** Fetches the page after a name; `undefined` stands for the first page. */
  readonly fetchPage: (startAfter: string | undefined) => Promise<P>;
  readonly itemsOf: (page: P) => readonly Item[];
  /** The name by which the listing is ordered. */
  readonly nameOf: (item: Item) => string;
  /** Whether an item is given out. Default: every item is. */
  readonly keep?: ((item: Item) => boolean) | undefined;
}

/**
 * Every item of a listing, page by page as they are asked for. Where to go on is read off the page as it came: one
 * from which nothing was kept is not the end.
 */
export async function* listAll<P extends Page, Item>(
  paging: Paging<P, Item>,
): AsyncGenerator<Item, void, undefined> {
  const { fetchPage, itemsOf, nameOf, keep } = paging;
  let startAfter: string | undefined;
  for (;;) {
    const page = await fetchPage(startAfter);
    const items = itemsOf(page);
    for (const item of items) if (keep === undefined || keep(item)) yield item;
    const last = items.at(-1);
    // More without an item to go on from would ask for the same page for ever.
    if (!page.has_more || last === undefined) return;
    startAfter = nameOf(last);
  }
}

/**
 * Every item of one of the service's listings, without those being deleted unless that is asked for. Throws
 * `INVALID_ARGUMENT`.
 */
export async function* listKept<
  Items extends string,
  Name extends string,
  Item extends { readonly [N in Name]: string } & { readonly deleted_at?: string | null | undefined },
>(
  list: (args: ListArgs) => Promise<Page & { readonly [I in Items]: readonly Item[] }>,
  items: Items,
  name: Name,
  args: ListArgs & { readonly includeDeleted?: boolean | undefined } = {},
): AsyncGenerator<Item, void, undefined> {
  checkOptionNames(args, "listAll", ["includeDeleted"]);
  const { includeDeleted = false, ...page } = args;
  checkBoolean(includeDeleted, "includeDeleted");
  yield* listAll({
    fetchPage: (start_after) => list(start_after === undefined ? page : { ...page, start_after }),
    itemsOf: (page): readonly Item[] => page[items],
    nameOf: (item) => item[name],
    keep: (item) => includeDeleted || !item.deleted_at,
  });
}

/** A page of whatever is listed page by page. */
export interface ItemPage<Item> {
  /** What is on the page, in order. */
  readonly items: readonly Item[];
  /** Whether more follow. */
  readonly has_more: boolean;
}

/**
 * Every item of anything that is listed page by page, fetched as they are asked for: `fetchPage` gets `args`, from the
 * second page on with `start_after`, which `cursorOf` takes from the last item of the page before. Throws
 * `INVALID_ARGUMENT` for what is no function, or no object.
 */
export function paginate<Item, Args extends { readonly start_after?: string | undefined }>(
  fetchPage: (args: Args) => Promise<ItemPage<Item>>,
  args: Args,
  cursorOf: (item: Item) => string,
): AsyncGenerator<Item, void, undefined> {
  checkFunction(fetchPage, "fetchPage");
  checkObject(args, "args");
  checkFunction(cursorOf, "cursorOf");
  return listAll({
    fetchPage: (start_after) => fetchPage(start_after === undefined ? args : { ...args, start_after }),
    itemsOf: (page) => page.items,
    nameOf: cursorOf,
  });
}

function checkFunction(value: unknown, field: string): void {
  if (typeof value !== "function") throw refused(field, "be a function", value);
}

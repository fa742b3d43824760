import * as core from "@s2-dev/streamstore-core";
import { show } from "@s2-dev/streamstore-core/client";
import { checkOptional, invalidArgument } from "./errors.js";

/** One page of a listing. */
export interface Page<T> {
  /** What is on the page, in order. */
  readonly values: readonly T[];
  /** Whether there are more behind it. */
  readonly hasMore: boolean;
}

/** Fetches the page that begins behind `startAfter`. */
export type PageFetcher<Item, Args> = (
  args: Args & { startAfter?: string },
) => Promise<{ items: Item[]; hasMore: boolean }>;

/** Every item of anything that is listed page by page, fetched as they are asked for. */
export function paginate<Item, Args>(
  fetcher: PageFetcher<Item, Args>,
  args: Args,
  getCursor: (item: Item) => string,
): AsyncIterable<Item> {
  if (typeof fetcher !== "function")
    throw invalidArgument(`fetcher must be a function; got ${show(fetcher)}`);
  if (typeof getCursor !== "function")
    throw invalidArgument(`getCursor must be a function; got ${show(getCursor)}`);
  checkOptional(args, "args");
  return core.paginate<Item, { readonly start_after?: string | undefined }>(
    async ({ start_after }) => {
      const page = await fetcher(
        start_after === undefined
          ? (args as Args & { startAfter?: string })
          : { ...args, startAfter: start_after },
      );
      return { items: page.items, has_more: page.hasMore };
    },
    {},
    getCursor,
  );
}

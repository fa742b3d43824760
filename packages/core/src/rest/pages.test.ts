import { describe, expect, it } from "vitest";
import { listAll, paginate } from "./pages.js";

interface Item {
  readonly name: string;
  readonly deleted: boolean;
}

const item = (name: string, deleted = false): Item => ({ name, deleted });

async function names(
  pages: Item[][],
  keep?: (item: Item) => boolean,
): Promise<[string[], (string | undefined)[]]> {
  const asked: (string | undefined)[] = [];
  const found: string[] = [];
  const items = listAll({
    fetchPage: async (startAfter) => {
      asked.push(startAfter);
      return { items: pages[asked.length - 1] ?? [], has_more: asked.length < pages.length };
    },
    itemsOf: (page) => page.items,
    nameOf: ({ name }) => name,
    keep,
  });
  for await (const { name } of items) found.push(name);
  return [found, asked];
}

describe("listing all", () => {
  it("goes on until the service says that there is no more", async () => {
    expect(await names([[item("a"), item("b")], [item("c")], []])).toEqual([
      ["a", "b", "c"],
      [undefined, "b", "c"],
    ]);
  });

  it("goes on from the last item of a page of which nothing is kept", async () => {
    const pages = [[item("a", true), item("b", true)], [item("c")]];
    expect(await names(pages, ({ deleted }) => !deleted)).toEqual([["c"], [undefined, "b"]]);
  });

  it("ends when a page promises more but has nothing to go on from", async () => {
    expect(await names([[], [item("a")]])).toEqual([[], [undefined]]);
  });

  it("fetches a page only when it is asked for", async () => {
    let fetched = 0;
    const items = listAll({
      fetchPage: async () => {
        fetched += 1;
        return { items: [item("a"), item("b")], has_more: true };
      },
      itemsOf: (page) => page.items,
      nameOf: ({ name }) => name,
    });
    await items.next();
    await items.next();
    expect(fetched).toBe(1);
    await items.return();
    expect(fetched).toBe(1);
  });
});

describe("paginating", () => {
  it("hands the arguments to every page, and to later ones where the one before ended", async () => {
    const asked: object[] = [];
    const items = paginate(
      async (args: { prefix: string; start_after?: string | undefined }) => {
        asked.push(args);
        return {
          items: asked.length === 1 ? [item("a"), item("b")] : [item("c")],
          has_more: asked.length === 1,
        };
      },
      { prefix: "p" },
      ({ name }) => name,
    );
    const found: string[] = [];
    for await (const { name } of items) found.push(name);
    expect(found).toEqual(["a", "b", "c"]);
    expect(asked).toEqual([{ prefix: "p" }, { prefix: "p", start_after: "b" }]);
  });

  it("fetches no page before it is asked for", async () => {
    let fetched = 0;
    const items = paginate(
      async () => {
        fetched += 1;
        return { items: [item("a")], has_more: true };
      },
      {},
      ({ name }) => name,
    );
    expect(fetched).toBe(0);
    await items.next();
    expect(fetched).toBe(1);
    await items.return();
    expect(fetched).toBe(1);
  });

  it.each([null, undefined, "text", 5, []])("refuses %j for its functions and arguments, by name", (bad) => {
    const fetchPage = async () => ({ items: [], has_more: false });
    const refusal = (what: string) =>
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringMatching(`^${what} must`) });
    expect(() => paginate(bad as never, {}, String)).toThrow(refusal("fetchPage"));
    expect(() => paginate(fetchPage, bad as never, String)).toThrow(refusal("args"));
    expect(() => paginate(fetchPage, {}, bad as never)).toThrow(refusal("cursorOf"));
  });
});

import type { ListAllArgs } from "@s2-dev/streamstore";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { all, expectCode } from "../expecting.js";
import { freshBasinName } from "../names.js";

const names = (page: { streams: readonly { name: string }[] }): string[] =>
  page.streams.map(({ name }) => name);

export const listing = topic("listing", ({ sdk, raw }) => {
  sdk("lists streams in the order of their bytes", ["streams.list"], async (ctx) => {
    const basin = await ctx.basin();
    const inOrder = ["-", "A", "Z", "a", "a/b", "aa", "b", "z", "é", "\uffff", "😀"];
    for (const stream of [...inOrder].reverse()) await basin.streams.create({ stream });
    expect(names(await basin.streams.list())).toEqual(inOrder);
  });

  sdk("pages through streams by the last name", ["streams.list", "list.start-after"], async (ctx) => {
    const basin = await ctx.basin();
    for (const stream of ["a", "b", "c", "d", "e"]) await basin.streams.create({ stream });
    const first = await basin.streams.list({ limit: 2 });
    expect([names(first), first.has_more]).toEqual([["a", "b"], true]);
    const second = await basin.streams.list({ limit: 2, start_after: "b" });
    expect([names(second), second.has_more]).toEqual([["c", "d"], true]);
    const third = await basin.streams.list({ limit: 2, start_after: "d" });
    expect([names(third), third.has_more]).toEqual([["e"], false]);
  });

  sdk("knows that nothing follows a page that is just full", ["list.start-after"], async (ctx) => {
    const basin = await ctx.basin();
    for (const stream of ["a", "b"]) await basin.streams.create({ stream });
    expect((await basin.streams.list({ limit: 2 })).has_more).toBe(false);
  });

  sdk(
    "lists what has both the prefix and a name after the start",
    ["streams.list", "list.start-after"],
    async (ctx) => {
      const basin = await ctx.basin();
      for (const stream of ["a", "b-1", "b-2", "c"]) await basin.streams.create({ stream });
      expect(names(await basin.streams.list({ prefix: "b-" }))).toEqual(["b-1", "b-2"]);
      expect(names(await basin.streams.list({ prefix: "b-", start_after: "b-1" }))).toEqual(["b-2"]);
      expect(names(await basin.streams.list({ prefix: "b-", start_after: "a" }))).toEqual(["b-1", "b-2"]);
      expect(await basin.streams.list({ prefix: "b-", start_after: "c" })).toEqual({
        streams: [],
        has_more: false,
      });
      expect(names(await basin.streams.list({ start_after: "bb" }))).toEqual(["c"]);
    },
  );

  sdk(
    "lists everything for an empty prefix, and for dots those that begin so",
    ["names.stream-prefix"],
    async (ctx) => {
      const basin = await ctx.basin();
      for (const stream of [".a", "..b", "c"]) await basin.streams.create({ stream });
      expect(names(await basin.streams.list({ prefix: "", start_after: "" }))).toEqual(["..b", ".a", "c"]);
      expect(names(await basin.streams.list({ prefix: "." }))).toEqual(["..b", ".a"]);
      expect(names(await basin.streams.list({ prefix: ".." }))).toEqual(["..b"]);
      expect(names(await basin.streams.list({ start_after: "." }))).toEqual(["..b", ".a", "c"]);
    },
  );

  sdk("takes a limit of 0, or of more than 1000, for 1000", ["list.limit"], async (ctx) => {
    const basin = await ctx.basin();
    for (const stream of ["a", "b", "c"]) await basin.streams.create({ stream });
    for (const limit of [0, 1000, 1001, 5000])
      expect((await basin.streams.list({ limit })).streams).toHaveLength(3);
  });

  sdk("gives at most 1000 names a page", ["list.limit"], async (ctx) => {
    // Left to the end of the server: s2-lite deletes the streams of a basin one after another, for many seconds
    // in which no other basin goes.
    const basin = ctx.client.basin(freshBasinName());
    await ctx.client.basins.create({ basin: basin.name });
    const all = Array.from({ length: 1001 }, (_, index) => `s${String(index).padStart(4, "0")}`);
    for (let at = 0; at < all.length; at += 40) {
      await Promise.all(all.slice(at, at + 40).map((stream) => basin.streams.create({ stream })));
    }
    for (const limit of [undefined, 0, 2000]) {
      const page = await basin.streams.list(limit === undefined ? {} : { limit });
      expect([page.streams.length, page.has_more]).toEqual([1000, true]);
    }
    expect(names(await basin.streams.list({ start_after: "s0999" }))).toEqual(["s1000"]);
  });

  sdk("pages through basins by the last name", ["basins.list", "list.start-after"], async (ctx) => {
    const prefix = freshBasinName();
    for (const suffix of ["-a", "-b", "-c"]) {
      const basin = prefix + suffix;
      await ctx.client.basins.create({ basin });
      ctx.afterwards(() => ctx.client.basins.delete({ basin }));
    }
    const first = await ctx.client.basins.list({ prefix, limit: 2 });
    expect([first.basins.map(({ name }) => name), first.has_more]).toEqual([
      [`${prefix}-a`, `${prefix}-b`],
      true,
    ]);
    const second = await ctx.client.basins.list({ prefix, limit: 2, start_after: `${prefix}-b` });
    expect([second.basins.map(({ name }) => name), second.has_more]).toEqual([[`${prefix}-c`], false]);
    const hyphen = await ctx.client.basins.list({ prefix: `${prefix}-`, limit: 1 });
    expect(hyphen.basins.map(({ name }) => name)).toEqual([`${prefix}-a`]);
  });

  sdk(
    "walks through all streams, or all basins, page by page",
    ["streams.list", "basins.list", "sdk.list-all"],
    async (ctx) => {
      const basin = await ctx.basin();
      const streams = ["a", "b", "b2", "c", "d"];
      for (const stream of streams) await basin.streams.create({ stream });
      const found = async (args: ListAllArgs) =>
        (await all(basin.streams.listAll(args))).map(({ name }) => name);
      expect(await found({ limit: 2 })).toEqual(streams);
      expect(await found({ limit: 1, prefix: "b" })).toEqual(["b", "b2"]);
      expect(await found({ start_after: "b2" })).toEqual(["c", "d"]);
      const basins = await all(ctx.client.basins.listAll({ prefix: basin.name, limit: 1 }));
      expect(basins.map(({ name }) => name)).toEqual([basin.name]);
    },
  );

  sdk(
    "leaves out what is being deleted, unless it is asked for",
    ["basins.list", "sdk.list-all"],
    async (ctx) => {
      const prefix = freshBasinName();
      for (const suffix of ["-a", "-b", "-c"]) {
        const basin = prefix + suffix;
        await ctx.client.basins.create({ basin });
        ctx.afterwards(() => ctx.client.basins.delete({ basin }));
        // A basin with a stream in it stays for a while when it is deleted.
        await ctx.client.basin(basin).streams.create({ stream: "log" });
      }
      await ctx.client.basins.delete({ basin: `${prefix}-a` });
      await ctx.client.basins.delete({ basin: `${prefix}-b` });
      const found = async (includeDeleted: boolean) =>
        (await all(ctx.client.basins.listAll({ prefix, limit: 1, includeDeleted }))).map(({ name }) => name);
      expect(await found(false)).toEqual([`${prefix}-c`]);
      expect(await found(true)).toContain(`${prefix}-c`);
    },
  );

  raw(
    "refuses what cannot be a page",
    ["code.bad_query", "names.basin-prefix", "names.stream-prefix"],
    async (ctx) => {
      const basin = await ctx.basin();
      const own = { "s2-basin": basin };
      for (const query of [
        "limit=x",
        "limit=-1",
        "limit=1.5",
        "limit=",
        "limit=1&limit=2",
        "limit=18446744073709551616",
      ]) {
        expectCode(await ctx.http.get(`/v1/basins?${query}`), 400, "bad_query");
        expectCode(await ctx.http.get(`/v1/streams?${query}`, own), 400, "bad_query");
      }
      for (const value of ["-a", "A", "a_b", "x".repeat(49), "%00"]) {
        expectCode(await ctx.http.get(`/v1/basins?prefix=${value}`), 400, "bad_query");
        expectCode(await ctx.http.get(`/v1/basins?start_after=${value}`), 400, "bad_query");
      }
      for (const value of ["x".repeat(513), "%00", "a%00b"]) {
        expectCode(await ctx.http.get(`/v1/streams?prefix=${value}`, own), 400, "bad_query");
        expectCode(await ctx.http.get(`/v1/streams?start_after=${value}`, own), 400, "bad_query");
      }
      for (const query of [
        "prefix=",
        "start_after=",
        "prefix=a-",
        `prefix=${"x".repeat(48)}`,
        "unknown=1",
        "prefix=zz&start_after=a",
      ]) {
        expect((await ctx.http.get(`/v1/basins?${query}&limit=1`)).status).toBe(200);
        expect((await ctx.http.get(`/v1/streams?${query}&limit=1`, own)).status).toBe(200);
      }
      expect((await ctx.http.get(`/v1/streams?prefix=${"x".repeat(512)}`, own)).status).toBe(200);
    },
  );
});

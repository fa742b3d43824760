import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { expectCode } from "../expecting.js";
import { freshBasinName } from "../names.js";

const BAD_BASINS = [
  "short-7",
  "x".repeat(49),
  "-basin-name",
  "basin-name-",
  "Basin-name",
  "basin_name",
  "basin.name",
  "bäsin-name",
  "",
];
const NUL = "a%00b";

export const naming = topic("naming", ({ sdk, raw }) => {
  sdk("takes the shortest and the longest names", ["names.basin", "names.stream"], async (ctx) => {
    const longest = `${freshBasinName()}-${"x".repeat(48)}`.slice(0, 48);
    const shortest = `z${Math.random().toString(36).slice(2)}0000000`.slice(0, 8);
    for (const basin of [longest, shortest]) {
      await ctx.client.basins.create({ basin });
      ctx.afterwards(() => ctx.client.basins.delete({ basin }));
    }
    const { streams } = ctx.client.basin(longest);
    for (const stream of ["s", "ä".repeat(256), "x".repeat(512), " ", "\n", "..."]) {
      expect((await streams.create({ stream })).name).toBe(stream);
    }
  });

  raw(
    "refuses what cannot name a basin",
    ["names.basin", "code.bad_path", "code.bad_json", "code.bad_header"],
    async ({ http }) => {
      for (const basin of BAD_BASINS) {
        expectCode(await http.json("POST", "/v1/basins", { basin }), 400, "bad_json");
        if (basin === "") continue;
        const path = `/v1/basins/${encodeURIComponent(basin)}`;
        expectCode(await http.get(path), 400, "bad_path");
        expectCode(await http.json("PUT", path, {}), 400, "bad_path");
        expectCode(await http.json("PATCH", path, {}), 400, "bad_path");
        expectCode(await http.send({ method: "DELETE", path }), 400, "bad_path");
        if (/^[\x20-\x7e]+$/.test(basin))
          expectCode(await http.get("/v1/streams", { "s2-basin": basin }), 400, "bad_header");
      }
    },
  );

  raw(
    "refuses what cannot name a stream",
    ["names.stream", "code.bad_path", "code.bad_json"],
    async (ctx) => {
      const own = { "s2-basin": await ctx.basin() };
      const { http } = ctx;
      for (const stream of ["", ".", "..", "x".repeat(513), "ä".repeat(257), "a\0b"]) {
        expectCode(await http.json("POST", "/v1/streams", { stream }, own), 400, "bad_json");
      }
      for (const name of ["%2E", "%2e%2E", "x".repeat(513), NUL]) {
        const path = `/v1/streams/${name}`;
        expectCode(await http.get(path, own), 400, "bad_path");
        expectCode(await http.json("PUT", path, {}, own), 400, "bad_path");
        expectCode(await http.json("PATCH", path, {}, own), 400, "bad_path");
        expectCode(await http.send({ method: "DELETE", path, headers: own }), 400, "bad_path");
        expectCode(await http.get(`${path}/records`, own), 400, "bad_path");
        expectCode(await http.get(`${path}/records/tail`, own), 400, "bad_path");
        expectCode(await http.json("POST", `${path}/records`, { records: [{}] }, own), 400, "bad_path");
      }
    },
  );

  raw("refuses a stream route without a basin", ["api.basin-header", "code.bad_header"], async ({ http }) => {
    expectCode(await http.get("/v1/streams"), 400, "bad_header");
    expectCode(await http.json("POST", "/v1/streams", { stream: "s" }), 400, "bad_header");
    expectCode(await http.get("/v1/streams/s"), 400, "bad_header");
    expectCode(await http.json("PUT", "/v1/streams/s", {}), 400, "bad_header");
    expectCode(await http.json("PATCH", "/v1/streams/s", {}), 400, "bad_header");
    expectCode(await http.send({ method: "DELETE", path: "/v1/streams/s" }), 400, "bad_header");
    expectCode(await http.get("/v1/streams/s/records/tail"), 400, "bad_header");
    expectCode(await http.get("/v1/streams/s/records?seq_num=0"), 400, "bad_header");
    expectCode(await http.json("POST", "/v1/streams/s/records", { records: [{}] }), 400, "bad_header");
  });

  raw(
    "decodes names in paths, and takes a bare slash for a separator",
    ["api.path-encoding"],
    async (ctx) => {
      const basin = await ctx.basin();
      const own = { "s2-basin": basin };
      for (const [name, path] of [
        ["a/b", "a%2Fb"],
        ["a/b", "a%2fb"],
        ["é", "%C3%A9"],
        ["~", "~"],
        ["a+b", "a+b"],
        ["a+b", "a%2Bb"],
      ] as const) {
        const info = await ctx.http.json("PUT", `/v1/streams/${path}`, {}, own);
        expect(info.json()).toMatchObject({ name });
      }
      const unencoded = await ctx.http.get("/v1/streams/a/b", own);
      expect([unencoded.status, unencoded.text]).toEqual([404, ""]);
      expectCode(await ctx.http.get("/v1/streams/%FF", own), 400, "bad_path");
    },
  );
});

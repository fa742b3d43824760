import { once } from "node:events";
import { connect, type Settings } from "node:http2";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { expectCode } from "../expecting.js";
import { freshBasinName } from "../names.js";

export const http = topic("http", ({ raw }) => {
  raw("answers unknown paths with an empty 404", ["api.unknown-path"], async ({ http }) => {
    for (const path of [
      "/",
      "/v1",
      "/v1/nope",
      "/v2/basins",
      "/v1/basins/a/b",
      "/basins",
      "/v1/streams/s/records/head",
      "/v1/streams/s/nope",
      "/v1/locations/other",
    ]) {
      const answer = await http.get(path, { "s2-basin": "some-basin-1" });
      expect([path, answer.status, answer.text, answer.headers["content-type"]]).toEqual([
        path,
        404,
        "",
        undefined,
      ]);
    }
  });

  raw(
    "answers wrong methods with an empty 405 and the right ones",
    ["api.unknown-path"],
    async ({ http }) => {
      const allowed: [method: string, path: string, allow: string][] = [
        ["DELETE", "/v1/basins", "GET,HEAD,POST"],
        ["POST", "/v1/basins/some-basin", "GET,HEAD,PUT,DELETE,PATCH"],
        ["PUT", "/v1/streams", "GET,HEAD,POST"],
        ["POST", "/v1/streams/s", "GET,HEAD,PUT,DELETE,PATCH"],
        ["DELETE", "/v1/streams/s/records", "GET,HEAD,POST"],
        ["POST", "/v1/streams/s/records/tail", "GET,HEAD"],
        ["PUT", "/v1/access-tokens", "GET,HEAD,POST"],
        ["GET", "/v1/access-tokens/id", "DELETE"],
        ["POST", "/v1/locations", "GET,HEAD"],
        ["POST", "/v1/locations/default", "GET,HEAD,PUT"],
        ["POST", "/v1/metrics", "GET,HEAD"],
        ["POST", "/v1/metrics/some-basin", "GET,HEAD"],
        ["POST", "/v1/metrics/some-basin/s", "GET,HEAD"],
      ];
      for (const [method, path, allow] of allowed) {
        const answer = await http.send({ method, path });
        const methods = answer.headers.allow
          ?.split(",")
          .map((name) => name.trim())
          .sort();
        expect([path, answer.status, answer.text, methods]).toEqual([path, 405, "", allow.split(",").sort()]);
      }
    },
  );

  raw("answers HEAD like GET, without the body", ["api.head"], async (ctx) => {
    const stream = await ctx.stream();
    await stream.appended("a");
    const own = { "s2-basin": stream.basin };
    for (const path of [
      "/v1/basins?limit=1",
      `/v1/basins/${stream.basin}`,
      "/v1/streams",
      stream.path,
      `${stream.records}/tail`,
      `${stream.records}?seq_num=0`,
    ]) {
      const answer = await ctx.http.send({ method: "HEAD", path, headers: own });
      expect([path, answer.status, answer.text]).toEqual([path, 200, ""]);
      expect(answer.headers["content-type"]).toBe("application/json");
    }
    const missing = await ctx.http.send({ method: "HEAD", path: `/v1/basins/${freshBasinName()}` });
    expect([missing.status, missing.text]).toEqual([404, ""]);
    expect((await ctx.http.send({ method: "HEAD", path: "/v1/nope" })).status).toBe(404);
  });

  raw(
    "needs a JSON content type for JSON bodies",
    ["api.json-content-type", "code.bad_json"],
    async (ctx) => {
      const basin = await ctx.basin();
      const own = { "s2-basin": basin };
      const calls: [method: string, path: string, body: string][] = [
        ["POST", "/v1/basins", JSON.stringify({ basin: freshBasinName() })],
        ["PATCH", `/v1/basins/${basin}`, "{}"],
        ["POST", "/v1/streams", '{"stream":"s"}'],
        ["PATCH", "/v1/streams/s", "{}"],
        ["POST", "/v1/access-tokens", '{"id":"a","scope":{}}'],
        ["PUT", "/v1/locations/default", '"a"'],
      ];
      for (const [method, path, body] of calls) {
        expectCode(await ctx.http.send({ method, path, headers: own, body }), 400, "bad_json");
        expectCode(
          await ctx.http.send({ method, path, headers: { ...own, "content-type": "text/plain" }, body }),
          400,
          "bad_json",
        );
        expectCode(
          await ctx.http.send({
            method,
            path,
            headers: { ...own, "content-type": "application/json" },
            body: "",
          }),
          400,
          "bad_json",
        );
      }
    },
  );

  raw("lets scripts of other origins call, with whatever they ask for", ["api.cors"], async (ctx) => {
    const stream = await ctx.stream();
    const origin = "https://example.com";
    const preflight = await ctx.http.send({
      method: "OPTIONS",
      path: stream.records,
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,s2-basin",
      },
    });
    expect(preflight.status).toBe(200);
    expect(preflight.headers).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-allow-methods": "POST",
      "access-control-allow-headers": "authorization,s2-basin",
      "access-control-allow-credentials": "true",
    });
    expect(preflight.headers["access-control-max-age"]).toBeUndefined();
    const actual = await ctx.http.get(stream.path, { origin, "s2-basin": stream.basin });
    expect(actual.headers).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
    });
  });

  raw("hides every header from scripts of other origins", ["api.cors"], async (ctx) => {
    const answer = await ctx.http.get("/v1/basins?limit=1", { origin: "https://example.com" });
    expect(answer.headers["access-control-expose-headers"]).toBeUndefined();
  });

  raw("says that it is well", ["api.health"], async ({ http }) => {
    for (const path of ["/health", "/ping"]) {
      const answer = await http.get(path);
      expect([path, answer.status, answer.text]).toEqual([path, 200, "OK"]);
    }
  });

  raw("looks at no token", ["api.http-versions"], async ({ http }) => {
    for (const authorization of ["Bearer any", "Basic abc", "nonsense"]) {
      expect((await http.get("/v1/basins?limit=1", { authorization })).status).toBe(200);
    }
    expect((await http.get("/v1/basins?limit=1")).status).toBe(200);
  });

  raw("serves many requests over one connection, also after errors", ["api.http-versions"], async (ctx) => {
    const stream = await ctx.stream();
    const own = { "s2-basin": stream.basin };
    for (let round = 0; round < 5; round += 1) {
      expectCode(await stream.append("{"), 400, "bad_json");
      expect((await ctx.http.json("POST", "/v1/nope", { a: "b".repeat(2000) }, own)).status).toBe(404);
      expect((await ctx.http.json("DELETE", "/v1/basins", { a: "b".repeat(2000) })).status).toBe(405);
      expect((await stream.append("{}", { "content-encoding": "br" })).status).toBe(415);
      expect((await stream.appended("a")).start.seq_num).toBe(round);
    }
  });

  raw("serves many requests at the same time", ["api.http-versions"], async (ctx) => {
    const stream = await ctx.stream();
    const acks = await Promise.all(Array.from({ length: 50 }, () => stream.appended("a")));
    expect(new Set(acks.map(({ start }) => start.seq_num)).size).toBe(50);
  });

  raw(
    "stays with HTTP/1.1 when an upgrade is offered",
    ["api.http-versions"],
    async ({ http }) => {
      const answer = await http.get("/v1/basins?limit=1", {
        connection: "Upgrade, HTTP2-Settings",
        upgrade: "h2c",
        "http2-settings": "AAMAAABkAAQAAP__",
      });
      expect(answer.status).toBe(200);
      expect(answer.headers.upgrade).toBeUndefined();
    },
    { wires: ["http/1.1"] },
  );

  raw(
    "lets a connection have 200 streams, each with a window of 1 MiB",
    ["api.http-versions"],
    async ({ origin, afterwards }) => {
      const session = connect(origin);
      afterwards(async () => session.destroy());
      const [settings] = (await once(session, "remoteSettings")) as [Settings];
      expect(settings).toMatchObject({
        maxConcurrentStreams: 200,
        initialWindowSize: 1024 * 1024,
        maxHeaderListSize: 16 * 1024,
      });
    },
    { wires: ["http/2"] },
  );
});

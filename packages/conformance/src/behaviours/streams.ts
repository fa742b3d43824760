import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { expectCode, expectServerError, RFC_3339 } from "../expecting.js";

const DEFAULTS = {
  storage_class: "express",
  retention_policy: { age: 604_800 },
  timestamping: { mode: "client-prefer", uncapped: false },
  delete_on_empty: { min_age_secs: 0 },
};

export const streams = topic("streams", ({ sdk, raw }) => {
  sdk("creates a stream and describes it", ["streams.create", "api.nulls"], async (ctx) => {
    const basin = await ctx.basin();
    const info = await basin.streams.create({ stream: "events" });
    expect(info).toEqual({
      name: "events",
      created_at: expect.stringMatching(RFC_3339),
      deleted_at: null,
      cipher: null,
    });
  });

  sdk("gives a stream the service's defaults", ["streams.get-config", "config.defaults"], async (ctx) => {
    const basin = await ctx.basin();
    await basin.streams.create({ stream: "s" });
    expect(await basin.streams.getConfig({ stream: "s" })).toEqual(DEFAULTS);
  });

  sdk(
    "lays a stream's configuration over the basin's default, once and for all",
    ["streams.create", "config.stream-resolved"],
    async (ctx) => {
      const basin = await ctx.basin({
        default_stream_config: {
          storage_class: "standard",
          timestamping: { mode: "arrival", uncapped: true },
        },
      });
      await basin.streams.create({
        stream: "s",
        config: { retention_policy: { infinite: {} }, timestamping: { mode: "client-require" } },
      });
      const resolved = {
        storage_class: "standard",
        retention_policy: { infinite: {} },
        timestamping: { mode: "client-require", uncapped: true },
        delete_on_empty: { min_age_secs: 0 },
      };
      expect(await basin.streams.getConfig({ stream: "s" })).toEqual(resolved);
      await ctx.client.basins.reconfigure({ basin: basin.name, default_stream_config: null });
      expect(await basin.streams.getConfig({ stream: "s" })).toEqual(resolved);
    },
  );

  sdk(
    "refuses to create a stream whose name is taken",
    ["streams.create", "code.resource_already_exists"],
    async (ctx) => {
      const basin = await ctx.basin();
      await basin.streams.create({ stream: "s" });
      await expectServerError(basin.streams.create({ stream: "s" }), "resource_already_exists", 409);
    },
  );

  sdk(
    "knows no stream that was not created",
    ["streams.get-config", "code.stream_not_found"],
    async (ctx) => {
      const basin = await ctx.basin();
      const missing = ctx.handle(basin, "missing");
      await expectServerError(basin.streams.getConfig({ stream: "missing" }), "stream_not_found", 404);
      await expectServerError(basin.streams.reconfigure({ stream: "missing" }), "stream_not_found", 404);
      await expectServerError(basin.streams.delete({ stream: "missing" }), "stream_not_found", 404);
      await expectServerError(missing.append({ body: "a" }), "stream_not_found", 404);
      await expectServerError(missing.read({ seq_num: 0 }), "stream_not_found", 404);
      await expectServerError(missing.checkTail(), "stream_not_found", 404);
      await expectServerError(missing.readSession({ seq_num: 0 }), "stream_not_found", 404);
      await expectServerError((await missing.appendSession()).submit({ body: "a" }), "stream_not_found", 404);
    },
  );

  sdk("ensures a stream: created, then nothing to do, then updated", ["streams.ensure"], async (ctx) => {
    const basin = await ctx.basin();
    const config = { storage_class: "standard" };
    const created = await basin.streams.ensure({ stream: "s", config });
    expect(created.result).toBe("created");
    expect(created.stream).toMatchObject({ name: "s", deleted_at: null });
    expect((await basin.streams.ensure({ stream: "s", config })).result).toBe("noop");
    const updated = await basin.streams.ensure({ stream: "s", config: { storage_class: "express" } });
    expect(updated.result).toBe("updated");
    expect(updated.stream.created_at).toBe(created.stream.created_at);
  });

  sdk(
    "resets a stream to the basin's default when it is ensured without a configuration",
    ["streams.ensure", "config.ensure-replaces"],
    async (ctx) => {
      const basin = await ctx.basin({ default_stream_config: { retention_policy: { age: 60 } } });
      await basin.streams.create({
        stream: "s",
        config: {
          retention_policy: { age: 5 },
          storage_class: "standard",
          delete_on_empty: { min_age_secs: 9 },
        },
      });
      expect((await basin.streams.ensure({ stream: "s" })).result).toBe("updated");
      expect(await basin.streams.getConfig({ stream: "s" })).toEqual({
        ...DEFAULTS,
        retention_policy: { age: 60 },
      });
    },
  );

  sdk("keeps the records of a stream that is ensured anew", ["streams.ensure"], async (ctx) => {
    const basin = await ctx.basin();
    const stream = await ctx.streamIn(basin);
    await stream.append({ body: "kept" });
    await basin.streams.ensure({ stream: stream.name, config: { storage_class: "standard" } });
    expect((await stream.read({ seq_num: 0 })).records.map(({ body }) => body)).toEqual(["kept"]);
  });

  sdk(
    "reconfigures a stream, and answers with all of its configuration",
    ["streams.reconfigure", "config.patch"],
    async (ctx) => {
      const basin = await ctx.basin();
      await basin.streams.create({ stream: "s" });
      const config = await basin.streams.reconfigure({
        stream: "s",
        retention_policy: { infinite: {} },
        delete_on_empty: { min_age_secs: 60 },
        timestamping: { uncapped: true },
      });
      expect(config).toEqual({
        ...DEFAULTS,
        retention_policy: { infinite: {} },
        delete_on_empty: { min_age_secs: 60 },
        timestamping: { mode: "client-prefer", uncapped: true },
      });
      expect(await basin.streams.getConfig({ stream: "s" })).toEqual(config);
    },
  );

  sdk(
    "resets what a change sets to null to the basin's default, then to the service's",
    ["streams.reconfigure", "config.patch"],
    async (ctx) => {
      const basin = await ctx.basin({
        default_stream_config: { storage_class: "standard", timestamping: { mode: "arrival" } },
      });
      await basin.streams.create({
        stream: "s",
        config: {
          storage_class: "express",
          retention_policy: { age: 5 },
          timestamping: { mode: "client-require", uncapped: true },
          delete_on_empty: { min_age_secs: 60 },
        },
      });
      expect(
        await basin.streams.reconfigure({ stream: "s", timestamping: { mode: null }, delete_on_empty: null }),
      ).toMatchObject({
        storage_class: "express",
        timestamping: { mode: "arrival", uncapped: true },
        delete_on_empty: { min_age_secs: 0 },
      });
      const reset = await basin.streams.reconfigure({
        stream: "s",
        storage_class: null,
        retention_policy: null,
        timestamping: null,
      });
      expect(reset).toEqual({
        ...DEFAULTS,
        storage_class: "standard",
        timestamping: { mode: "arrival", uncapped: false },
      });
    },
  );

  sdk("stores a storage class it does not know", ["streams.create"], async (ctx) => {
    const basin = await ctx.basin();
    await basin.streams.create({ stream: "s", config: { storage_class: "made-of-stone" } });
    expect((await basin.streams.getConfig({ stream: "s" })).storage_class).toBe("made-of-stone");
  });

  sdk("takes a name that needs escaping in a path", ["api.path-encoding", "names.stream"], async (ctx) => {
    const basin = await ctx.basin();
    for (const name of ["a/b", "a b", "ä€😀", "?#%", "a%2Fb", "...", "+"]) {
      await basin.streams.create({ stream: name });
      const stream = ctx.handle(basin, name);
      await stream.append({ body: name });
      expect((await stream.read({ seq_num: 0 })).records[0]?.body).toBe(name);
      expect((await basin.streams.list({ prefix: name })).streams.map((info) => info.name)).toContain(name);
    }
  });

  raw(
    "replays a creation with the same token and configuration only",
    ["config.create-replay", "streams.create"],
    async (ctx) => {
      const basin = await ctx.basin();
      const create = (body: unknown, token?: string) =>
        ctx.http.json("POST", "/v1/streams", body, {
          "s2-basin": basin,
          ...(token === undefined ? {} : { "s2-request-token": token }),
        });
      const body = { stream: "s", config: { retention_policy: { age: 60 } } };
      const created = await create(body, "t");
      expect([created.status, created.headers["s2-provision-result"]]).toEqual([201, "created"]);
      // What the basin's default becomes later does not matter.
      await ctx.http.json("PATCH", `/v1/basins/${basin}`, {
        default_stream_config: { storage_class: "standard" },
      });
      const replayed = await create(body, "t");
      expect([replayed.status, replayed.headers["s2-provision-result"]]).toEqual([201, "noop"]);
      expect(replayed.text).toBe(created.text);
      expectCode(await create({ stream: "s" }, "t"), 409, "resource_already_exists");
      expectCode(await create(body, "u"), 409, "resource_already_exists");
      expectCode(await create(body), 409, "resource_already_exists");
    },
  );

  raw(
    "ensures with a bare configuration, and ignores a body without a content type",
    ["streams.ensure", "config.ensure-body"],
    async (ctx) => {
      const basin = await ctx.basin();
      const put = (body: string, contentType?: string) =>
        ctx.http.send({
          method: "PUT",
          path: "/v1/streams/s",
          headers: {
            "s2-basin": basin,
            ...(contentType === undefined ? {} : { "content-type": contentType }),
          },
          body,
        });
      const created = await put('{"storage_class":"standard"}', "application/json");
      expect([created.status, created.headers["s2-provision-result"]]).toEqual([201, "created"]);
      expect(
        (await put('{"storage_class":"standard"}', "application/merge-patch+json")).headers[
          "s2-provision-result"
        ],
      ).toBe("noop");
      const ignored = await put('{"storage_class":"standard"}');
      expect([ignored.status, ignored.headers["s2-provision-result"]]).toEqual([200, "updated"]);
      const config = await ctx.http.get("/v1/streams/s", { "s2-basin": basin });
      expect(config.json()).toEqual(DEFAULTS);
      expect((await put("", "application/json")).headers["s2-provision-result"]).toBe("noop");
      expectCode(await put("null", "application/json"), 400, "bad_json");
      expectCode(await put("", "text/plain"), 400, "bad_json");
      expectCode(await put("{}", "text/plain;charset=UTF-8"), 400, "bad_json");
    },
  );

  raw("takes no retention of 0 seconds", ["config.retention", "code.invalid"], async (ctx) => {
    const basin = await ctx.basin();
    const own = { "s2-basin": basin };
    const config = { retention_policy: { age: 0 } };
    expectCode(await ctx.http.json("POST", "/v1/streams", { stream: "s", config }, own), 422, "invalid");
    expectCode(await ctx.http.json("PUT", "/v1/streams/s", config, own), 422, "invalid");
    const stream = await ctx.streamIn(basin);
    expectCode(await ctx.http.json("PATCH", stream.path, config, own), 422, "invalid");
    expectCode(
      await ctx.http.json("PATCH", `/v1/basins/${basin}`, { default_stream_config: config }),
      422,
      "invalid",
    );
  });

  raw(
    "takes exactly one kind of retention, and only the modes there are",
    ["config.retention", "code.bad_json"],
    async (ctx) => {
      const basin = await ctx.basin();
      const own = { "s2-basin": basin };
      const refused: unknown[] = [
        { retention_policy: { age: 1, infinite: {} } },
        { retention_policy: {} },
        { retention_policy: { age: -1 } },
        { retention_policy: { age: 1.5 } },
        { retention_policy: "infinite" },
        { timestamping: { mode: "never" } },
        { timestamping: { uncapped: "yes" } },
        { delete_on_empty: { min_age_secs: -1 } },
        { storage_class: 5 },
      ];
      for (const config of refused) {
        const response = await ctx.http.json("POST", "/v1/streams", { stream: "s", config }, own);
        expect([JSON.stringify(config), response.status]).toEqual([JSON.stringify(config), 400]);
        expectCode(response, 400, "bad_json");
      }
    },
  );

  raw(
    "tells of a stream's creation when it is listed, ensured and created alike",
    ["streams.list", "streams.ensure"],
    async (ctx) => {
      const basin = await ctx.basin();
      const own = { "s2-basin": basin };
      const created = await ctx.http.json("POST", "/v1/streams", { stream: "s" }, own);
      const ensured = await ctx.http.json("PUT", "/v1/streams/s", {}, own);
      const listed = await ctx.http.get("/v1/streams", own);
      expect(ensured.text).toBe(created.text);
      expect(listed.json()).toEqual({ streams: [created.json()], has_more: false });
    },
  );
});

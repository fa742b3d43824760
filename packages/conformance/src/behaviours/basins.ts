import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { expectCode, expectServerError, RFC_3339 } from "../expecting.js";
import { freshBasinName } from "../names.js";

export const basins = topic("basins", ({ sdk, raw }) => {
  sdk("creates a basin and describes it", ["basins.create", "api.nulls"], async (ctx) => {
    const basin = freshBasinName();
    const info = await ctx.client.basins.create({ basin });
    ctx.afterwards(() => ctx.client.basins.delete({ basin }));
    expect(info).toMatchObject({
      name: basin,
      location: null,
      scope: null,
      deleted_at: null,
      state: "active",
    });
    expect(info.created_at).toMatch(RFC_3339);
  });

  sdk(
    "creates a basin with its configuration, of which only what was given is told",
    ["basins.create", "basins.get-config"],
    async (ctx) => {
      const basin = await ctx.basin({
        create_stream_on_append: true,
        default_stream_config: { retention_policy: { age: 3600 }, timestamping: { mode: "arrival" } },
      });
      expect(await ctx.client.basins.getConfig({ basin: basin.name })).toEqual({
        create_stream_on_append: true,
        create_stream_on_read: false,
        stream_cipher: null,
        default_stream_config: {
          storage_class: null,
          retention_policy: { age: 3600 },
          timestamping: { mode: "arrival", uncapped: null },
          delete_on_empty: null,
        },
      });
    },
  );

  sdk(
    "refuses to create a basin whose name is taken",
    ["basins.create", "code.resource_already_exists"],
    async (ctx) => {
      const basin = await ctx.basin();
      await expectServerError(
        ctx.client.basins.create({ basin: basin.name }),
        "resource_already_exists",
        409,
      );
    },
  );

  sdk("knows no basin that was not created", ["basins.get-config", "code.basin_not_found"], async (ctx) => {
    const basin = freshBasinName();
    await expectServerError(ctx.client.basins.getConfig({ basin }), "basin_not_found", 404);
    await expectServerError(ctx.client.basins.reconfigure({ basin }), "basin_not_found", 404);
    await expectServerError(ctx.client.basins.delete({ basin }), "basin_not_found", 404);
    const streams = ctx.client.basin(basin).streams;
    await expectServerError(streams.list(), "basin_not_found", 404);
    await expectServerError(streams.create({ stream: "s" }), "basin_not_found", 404);
    await expectServerError(streams.ensure({ stream: "s" }), "basin_not_found", 404);
    await expectServerError(streams.reconfigure({ stream: "s" }), "basin_not_found", 404);
  });

  sdk(
    "looks for records in the basin first, and for a stream's configuration in the stream",
    ["code.basin_not_found", "code.stream_not_found"],
    async (ctx) => {
      const basin = ctx.client.basin(freshBasinName());
      const stream = ctx.handle(basin, "s");
      await expectServerError(stream.append({ body: "a" }), "basin_not_found", 404);
      await expectServerError(stream.read({ seq_num: 0 }), "basin_not_found", 404);
      await expectServerError(stream.checkTail(), "basin_not_found", 404);
      await expectServerError(basin.streams.getConfig({ stream: "s" }), "stream_not_found", 404);
      await expectServerError(basin.streams.delete({ stream: "s" }), "stream_not_found", 404);
    },
  );

  sdk("ensures a basin: created, then nothing to do, then updated", ["basins.ensure"], async (ctx) => {
    const basin = freshBasinName();
    ctx.afterwards(() => ctx.client.basins.delete({ basin }));
    const config = { create_stream_on_append: true };
    const created = await ctx.client.basins.ensure({ basin, config });
    expect(created.result).toBe("created");
    expect(created.basin).toMatchObject({ name: basin, deleted_at: null });
    const again = await ctx.client.basins.ensure({ basin, config });
    expect(again.result).toBe("noop");
    expect(again.basin.created_at).toBe(created.basin.created_at);
    const updated = await ctx.client.basins.ensure({ basin, config: { create_stream_on_read: true } });
    expect(updated.result).toBe("updated");
    expect(await ctx.client.basins.getConfig({ basin })).toMatchObject({
      create_stream_on_append: false,
      create_stream_on_read: true,
    });
  });

  sdk(
    "resets a basin's whole configuration when it is ensured without one",
    ["basins.ensure", "config.ensure-replaces"],
    async (ctx) => {
      const basin = await ctx.basin({
        create_stream_on_append: true,
        create_stream_on_read: true,
        stream_cipher: "aegis-256",
        default_stream_config: { storage_class: "standard" },
      });
      const { result } = await ctx.client.basins.ensure({ basin: basin.name });
      expect(result).toBe("updated");
      expect(await ctx.client.basins.getConfig({ basin: basin.name })).toEqual({
        create_stream_on_append: false,
        create_stream_on_read: false,
        stream_cipher: null,
        default_stream_config: null,
      });
    },
  );

  sdk(
    "reconfigures a basin, and answers with all of its configuration",
    ["basins.reconfigure", "config.patch"],
    async (ctx) => {
      const basin = await ctx.basin({
        create_stream_on_read: true,
        default_stream_config: { retention_policy: { age: 86_400 } },
      });
      const config = await ctx.client.basins.reconfigure({
        basin: basin.name,
        create_stream_on_append: true,
        default_stream_config: { timestamping: { uncapped: true } },
      });
      expect(config).toEqual({
        create_stream_on_append: true,
        create_stream_on_read: true,
        stream_cipher: null,
        default_stream_config: {
          storage_class: null,
          retention_policy: { age: 86_400 },
          timestamping: { mode: null, uncapped: true },
          delete_on_empty: null,
        },
      });
      expect(await ctx.client.basins.getConfig({ basin: basin.name })).toEqual(config);
    },
  );

  sdk("resets what a change sets to null", ["basins.reconfigure", "config.patch"], async (ctx) => {
    const basin = await ctx.basin({
      stream_cipher: "aes-256-gcm",
      default_stream_config: {
        storage_class: "standard",
        timestamping: { mode: "arrival", uncapped: true },
      },
    });
    const partly = await ctx.client.basins.reconfigure({
      basin: basin.name,
      stream_cipher: null,
      default_stream_config: { storage_class: null, timestamping: { uncapped: null } },
    });
    expect(partly.stream_cipher).toBeNull();
    expect(partly.default_stream_config).toMatchObject({
      storage_class: null,
      timestamping: { mode: "arrival", uncapped: null },
    });
    const whole = await ctx.client.basins.reconfigure({ basin: basin.name, default_stream_config: null });
    expect(whole.default_stream_config).toBeNull();
  });

  sdk("lists a created basin by its prefix, and no longer by another's", ["basins.list"], async (ctx) => {
    const basin = await ctx.basin();
    const page = await ctx.client.basins.list({ prefix: basin.name });
    expect(page.basins.map(({ name }) => name)).toEqual([basin.name]);
    expect(page.has_more).toBe(false);
    const other = await ctx.client.basins.list({ prefix: `${basin.name}-` });
    expect(other).toEqual({ basins: [], has_more: false });
  });

  sdk("deletes a basin that is empty, soon for good", ["basins.delete"], async (ctx) => {
    const basin = await ctx.basin();
    expect(await ctx.client.basins.delete({ basin: basin.name })).toBeUndefined();
  });

  sdk(
    "has no access tokens, metrics and locations",
    ["account.not-implemented", "code.not_implemented"],
    async ({ client }) => {
      const calls = [
        () => client.accessTokens.list(),
        () => client.accessTokens.issue({ id: "token", scope: { basins: { prefix: "" } } }),
        () => client.accessTokens.revoke({ id: "token" }),
        () => client.metrics.account({ set: "active-basins" }),
        () => client.metrics.basin({ basin: "some-basin", set: "storage" }),
        () => client.metrics.stream({ basin: "some-basin", stream: "s", set: "storage" }),
        () => client.locations.list(),
        () => client.locations.getDefault(),
        () => client.locations.setDefault({ location: "aws:us-east-1" }),
      ];
      for (const call of calls) {
        const error = await expectServerError(call(), "not_implemented", 501);
        expect(error.sideEffect).toBe("none");
      }
    },
  );

  raw(
    "parses what is asked of the account, and refuses what is malformed",
    ["account.parsing", "names.token-id", "code.bad_path"],
    async ({ http }) => {
      expectCode(await http.get("/v1/access-tokens?limit=x"), 400, "bad_query");
      expectCode(await http.json("POST", "/v1/access-tokens", "{"), 400, "bad_json");
      expectCode(await http.json("POST", "/v1/access-tokens", {}), 400, "bad_json");
      expectCode(await http.json("POST", "/v1/access-tokens", { id: "", scope: {} }), 400, "bad_json");
      expectCode(await http.send({ method: "DELETE", path: "/v1/access-tokens/%2E%2E" }), 400, "bad_path");
      expectCode(
        await http.send({ method: "DELETE", path: `/v1/access-tokens/${"x".repeat(97)}` }),
        400,
        "bad_path",
      );
      expectCode(await http.get("/v1/metrics"), 400, "bad_query");
      expectCode(await http.get("/v1/metrics?set=nonsense"), 400, "bad_query");
      expectCode(await http.get("/v1/metrics/ab?set=storage"), 400, "bad_path");
      expectCode(await http.get("/v1/metrics?set=active-basins&interval=year"), 400, "bad_query");
      expectCode(await http.get("/v1/metrics?set=active-basins&start=-1"), 400, "bad_query");
      expectCode(await http.json("PUT", "/v1/locations/default", {}), 400, "bad_json");
      expectCode(await http.json("PUT", "/v1/locations/default", '"a b"'), 400, "bad_json");
    },
  );

  raw(
    "answers creation with 201 and says so, replays alike",
    ["basins.create", "config.create-replay", "names.request-token"],
    async ({ http, afterwards }) => {
      const basin = freshBasinName();
      afterwards(() => http.send({ method: "DELETE", path: `/v1/basins/${basin}` }));
      const create = (body: unknown, token?: string) =>
        http.json("POST", "/v1/basins", body, token === undefined ? {} : { "s2-request-token": token });
      const created = await create({ basin }, "token-1");
      expect([created.status, created.headers["s2-provision-result"]]).toEqual([201, "created"]);
      const replayed = await create({ basin }, "token-1");
      expect([replayed.status, replayed.headers["s2-provision-result"]]).toEqual([201, "noop"]);
      expect(replayed.text).toBe(created.text);
      expectCode(await create({ basin }, "token-2"), 409, "resource_already_exists");
      expectCode(await create({ basin }), 409, "resource_already_exists");
      expectCode(
        await create({ basin, config: { create_stream_on_append: true } }, "token-1"),
        409,
        "resource_already_exists",
      );
      expectCode(await create({ basin: freshBasinName() }, "x".repeat(37)), 400, "bad_header");
    },
  );

  raw(
    "replays a creation also after the basin was changed",
    ["config.create-replay"],
    async ({ http, afterwards }) => {
      const basin = freshBasinName();
      afterwards(() => http.send({ method: "DELETE", path: `/v1/basins/${basin}` }));
      const create = () => http.json("POST", "/v1/basins", { basin }, { "s2-request-token": "token" });
      expect((await create()).headers["s2-provision-result"]).toBe("created");
      const changed = await http.json("PATCH", `/v1/basins/${basin}`, { create_stream_on_append: true });
      expect(changed.status).toBe(200);
      expect((await create()).headers["s2-provision-result"]).toBe("noop");
      const ensured = await http.json("PUT", `/v1/basins/${basin}`, {});
      expect([ensured.status, ensured.headers["s2-provision-result"]]).toEqual([200, "updated"]);
      expect((await create()).headers["s2-provision-result"]).toBe("noop");
    },
  );

  raw("answers an ensure with 201, then with 200", ["basins.ensure"], async ({ http, afterwards }) => {
    const basin = freshBasinName();
    afterwards(() => http.send({ method: "DELETE", path: `/v1/basins/${basin}` }));
    const ensure = (body: unknown) => http.json("PUT", `/v1/basins/${basin}`, body);
    const outcome = async (body: unknown) => {
      const { status, headers } = await ensure(body);
      return [status, headers["s2-provision-result"]];
    };
    expect(await outcome({})).toEqual([201, "created"]);
    expect(await outcome({})).toEqual([200, "noop"]);
    expect(await outcome({ config: { create_stream_on_read: true } })).toEqual([200, "updated"]);
  });

  raw("does not let a change set a switch to null", ["config.patch", "code.bad_json"], async (ctx) => {
    const basin = await ctx.basin();
    for (const field of ["create_stream_on_append", "create_stream_on_read"]) {
      expectCode(await ctx.http.json("PATCH", `/v1/basins/${basin}`, { [field]: null }), 400, "bad_json");
    }
  });

  raw("checks a location", ["names.location", "basins.create"], async ({ http }) => {
    const basin = freshBasinName();
    for (const location of ["", "a b", "x".repeat(65), "ä"]) {
      expectCode(await http.json("POST", "/v1/basins", { basin, location }), 400, "bad_json");
      expectCode(await http.json("PUT", `/v1/basins/${basin}`, { location }), 400, "bad_json");
    }
  });

  raw(
    "takes a location, and leaves it at that",
    ["account.not-implemented", "basins.create"],
    async ({ http, afterwards }) => {
      const basin = freshBasinName();
      afterwards(() => http.send({ method: "DELETE", path: `/v1/basins/${basin}` }));
      const created = await http.json("POST", "/v1/basins", { basin, location: "aws:us-east-1" });
      expect(created.status).toBe(201);
      expect(created.json()).toMatchObject({
        name: basin,
        location: null,
        deleted_at: null,
        state: "active",
      });
    },
  );

  raw("answers a deletion with 202 and nothing", ["basins.delete"], async (ctx) => {
    const basin = await ctx.basin();
    const deleted = await ctx.http.send({ method: "DELETE", path: `/v1/basins/${basin}` });
    expect([deleted.status, deleted.text]).toEqual([202, ""]);
    expect(deleted.headers["content-type"]).toBeUndefined();
  });
});

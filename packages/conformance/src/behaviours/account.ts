import { randomUUID } from "node:crypto";
import { type Metric, S2 } from "@s2-dev/streamstore";
import type { MetricPoint } from "@s2-dev/streamstore-core";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { expectCode, expectServerError, RFC_3339 } from "../expecting.js";
import { freshBasinName } from "../names.js";
import { mustBe } from "../raw-context.js";

/** The last hour, with the one that is going on. */
function lately(): { start: number; end: number } {
  const now = Math.floor(Date.now() / 1000);
  return { start: now - 3600, end: now + 60 };
}

/** The series of an accumulation or a gauge. */
function pointsOf(metrics: readonly Metric[], name: string): MetricPoint[] {
  for (const metric of metrics) {
    if ("accumulation" in metric && metric.accumulation.name === name) return metric.accumulation.values;
    if ("gauge" in metric && metric.gauge.name === name) return metric.gauge.values;
  }
  return [];
}

function sum(points: readonly MetricPoint[]): number {
  return points.reduce((total, [, value]) => total + value, 0);
}

export const account = topic("account", ({ sdk, raw }) => {
  sdk(
    "issues access tokens, lists them without their secrets, and revokes them",
    ["tokens.issue", "tokens.list", "tokens.revoke", "code.access_token_not_found"],
    async ({ client, origin, afterwards }) => {
      const id = `token/${randomUUID()}`;
      const scope = { basins: { prefix: "" }, ops: ["list-basins" as const] };
      const issued = await client.accessTokens.issue({ id, scope });
      expect(issued.access_token).not.toBe("");
      const other = new S2({
        accessToken: issued.access_token,
        endpoints: { account: origin, basin: origin },
      });
      afterwards(() => other.close());
      expect((await other.basins.list({ limit: 1 })).basins.length).toBeLessThanOrEqual(1);
      const listed = await client.accessTokens.list({ prefix: id });
      expect(listed.access_tokens).toMatchObject([
        { id, scope, auto_prefix_streams: false, expires_at: null },
      ]);
      expect(JSON.stringify(listed)).not.toContain(issued.access_token);
      expect(await client.accessTokens.revoke({ id })).toBeUndefined();
      await expectServerError(client.accessTokens.revoke({ id }), "access_token_not_found", 404);
      expect((await client.accessTokens.list({ prefix: id })).access_tokens).toEqual([]);
    },
  );

  sdk("lists access tokens page by page", ["tokens.list"], async ({ client, afterwards }) => {
    const prefix = `page/${randomUUID()}/`;
    const ids = ["1", "2", "3"].map((name) => `${prefix}${name}`);
    for (const id of ids) {
      await client.accessTokens.issue({ id, scope: { ops: ["read"] } });
      afterwards(() => client.accessTokens.revoke({ id }));
    }
    const first = await client.accessTokens.list({ prefix, limit: 2 });
    expect(first.access_tokens.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect(first.has_more).toBe(true);
    const second = await client.accessTokens.list({ prefix, limit: 2, start_after: ids[1] });
    expect(second.access_tokens.map(({ id }) => id)).toEqual(ids.slice(2));
    expect(second.has_more).toBe(false);
  });

  raw(
    "refuses scopes that allow nothing, and names that are taken",
    ["tokens.issue"],
    async ({ http, afterwards }) => {
      const id = `token/${randomUUID()}`;
      const issue = (body: object) => http.json("POST", "/v1/access-tokens", { id, ...body });
      const reading = { ops: ["read"] };
      expectCode(await issue({ scope: {} }), 422, "invalid");
      expectCode(await issue({ scope: { ops: [], op_groups: { stream: {} } } }), 422, "invalid");
      expectCode(await issue({ scope: reading, auto_prefix_streams: true }), 422, "invalid");
      expectCode(await issue({ scope: reading, expires_at: "2020-01-01T00:00:00Z" }), 422, "invalid");
      expectCode(await issue({ scope: reading, expires_at: "soon" }), 400, "bad_json");
      expectCode(await issue({ scope: { ops: ["fly"] } }), 400, "bad_json");
      const far = "2100-01-01T00:00:00Z";
      mustBe(201, await issue({ scope: reading, expires_at: far }));
      afterwards(() => http.send({ method: "DELETE", path: `/v1/access-tokens/${encodeURIComponent(id)}` }));
      expectCode(await issue({ scope: reading }), 409, "resource_already_exists");
      const listed = await http.get(`/v1/access-tokens?prefix=${encodeURIComponent(id)}`);
      const [token] = listed.json<{ access_tokens: { expires_at: string }[] }>().access_tokens;
      expect(token?.expires_at).toMatch(RFC_3339);
      expect(token?.expires_at).toBe(far);
    },
  );

  sdk("lists locations, and says which is the default", ["locations.list"], async ({ client }) => {
    const locations = await client.locations.list();
    const standard = await client.locations.getDefault();
    expect(locations.map(({ name }) => name)).toContain(standard.name);
    for (const location of locations) expect(location).toMatchObject({ is_private: false });
  });

  raw(
    "puts a basin where it was asked to be",
    ["locations.basins", "basins.create"],
    async ({ http, afterwards }) => {
      const basin = freshBasinName();
      afterwards(() => http.send({ method: "DELETE", path: `/v1/basins/${basin}` }));
      const [, other] = (await http.get("/v1/locations")).json<{ name: string }[]>();
      const location = other?.name;
      const created = await http.json("POST", "/v1/basins", { basin, location });
      expect(created.json()).toMatchObject({ name: basin, location });
      const page = await http.get(`/v1/basins?prefix=${basin}`);
      expect(page.json()).toMatchObject({ basins: [{ name: basin, location }] });
      expectCode(await http.json("PUT", `/v1/basins/${basin}`, { location: "some:where" }), 422, "invalid");
      expectCode(
        await http.json("POST", "/v1/basins", { basin: freshBasinName(), location: "some:where" }),
        422,
        "invalid",
      );
    },
  );

  sdk("tells what a stream and its basin hold", ["metrics.stream", "metrics.basin"], async (ctx) => {
    const { name: basin } = await ctx.basin();
    const stream = await ctx.streamIn(ctx.client.basin(basin));
    const { name } = stream;
    await stream.append([{ body: "12345" }, { body: "1", headers: [["a", "b"]] }]);
    const range = lately();
    const held = await ctx.client.metrics.stream({ basin, stream: name, set: "storage", ...range });
    expect(pointsOf(held.values, "metered_size").at(-1)?.[1]).toBe(13 + 13);
    const whole = await ctx.client.metrics.basin({ basin, set: "storage", ...range });
    expect(pointsOf(whole.values, "metered_size").at(-1)?.[1]).toBe(26);
  });

  sdk(
    "tells what was appended to a basin and read from it",
    ["metrics.basin"],
    async ({ client, ...ctx }) => {
      const { name: basin } = await ctx.basin();
      const stream = await ctx.streamIn(client.basin(basin));
      await stream.append([{ body: "12345" }]);
      await stream.append([{ body: "12345" }]);
      await stream.read({ seq_num: 0, count: 1 });
      const tell = async (set: "append-ops" | "append-throughput" | "read-ops" | "read-throughput") =>
        (await client.metrics.basin({ basin, set, interval: "hour", ...lately() })).values;
      expect(sum(pointsOf(await tell("append-throughput"), "express"))).toBe(26);
      expect(sum(pointsOf(await tell("append-ops"), "express"))).toBeGreaterThan(0);
      expect(sum(pointsOf(await tell("read-ops"), "unary"))).toBe(1);
      expect(sum(pointsOf(await tell("read-throughput"), "read"))).toBe(13);
      const asked = await client.metrics.basin({ basin, set: "basin-ops", ...lately() });
      expect(sum(pointsOf(asked.values, "create_stream"))).toBe(1);
    },
  );

  sdk(
    "tells which basins are active, and what was asked of the account",
    ["metrics.account"],
    async ({ client, ...ctx }) => {
      const { name: basin } = await ctx.basin();
      await ctx.streamIn(client.basin(basin));
      const { name: empty } = await ctx.basin();
      const { values } = await client.metrics.account({ set: "active-basins", ...lately() });
      const [label] = values.flatMap((metric) => ("label" in metric ? [metric.label.values] : []));
      expect(label).toContain(basin);
      expect(label).not.toContain(empty);
      const asked = await client.metrics.account({ set: "account-ops", ...lately() });
      expect(sum(pointsOf(asked.values, "create_basin"))).toBeGreaterThanOrEqual(2);
      const usage = await client.metrics.account({ set: "estimated-billable-usage", ...lately() });
      expect(usage.values).toContainEqual({
        accumulation: { name: "total", unit: "usd", interval: "hour", values: [] },
      });
    },
  );

  raw("refuses ranges of metrics that make no sense", ["metrics.range"], async ({ http }) => {
    const { start, end } = lately();
    const ask = (query: string) => http.get(`/v1/metrics?set=account-ops${query}`);
    expect((await ask(`&start=${start}&end=${end}`)).status).toBe(200);
    expectCode(await ask(""), 422, "invalid");
    expectCode(await ask(`&start=${start}`), 422, "invalid");
    expectCode(await ask(`&start=${end}&end=${start}`), 422, "invalid");
    expectCode(await ask(`&start=${start - 91 * 86_400}&end=${end}`), 422, "invalid");
    expectCode(await ask(`&start=${start}&end=${end + 86_400}`), 422, "invalid");
  });
});

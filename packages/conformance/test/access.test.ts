import type { S2, S2Stream } from "@s2-dev/streamstore";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { all, errorOf, expectServerError } from "../src/expecting.js";
import { type GuardedServer, ROOT, startGuarded } from "../src/guarded-server.js";

const BASIN = "tenants-basin";

let server: GuardedServer;
beforeEach(async () => {
  server = await startGuarded({ basins: [{ name: BASIN, config: { create_stream_on_append: true } }] });
});
afterEach(() => server.close());

const connect = (accessToken: string): S2 => server.connect(accessToken);

describe.each(["fetch", "s2s"] as const)("a server that demands tokens, over %s,", (forceTransport) => {
  const streamOf = (client: S2, name: string): S2Stream =>
    client.basin(BASIN).stream(name, { forceTransport });

  async function tenant(name: string, ops: readonly ("append" | "read" | "fence")[]): Promise<S2> {
    const issued = await connect(ROOT).accessTokens.issue({
      id: `tenant/${name}`,
      scope: { basins: { exact: BASIN }, streams: { prefix: `${name}/` }, ops: [...ops] },
      auto_prefix_streams: true,
      expires_at: new Date(server.local.service.clock.epoch() + 60_000).toISOString(),
    });
    return connect(issued.access_token);
  }

  test("keeps tenants apart in sessions and calls alike", async () => {
    const [first, second] = [await tenant("a", ["append", "read"]), await tenant("b", ["append", "read"])];
    for (const [client, text] of [
      [first, "of a"],
      [second, "of b"],
    ] as const) {
      const stream = streamOf(client, "events");
      await stream.append({ body: text });
      const session = await stream.appendSession();
      await session.submit([{ body: `${text}, later` }]);
      await session.close();
      const records = await all(await stream.readSession({ seq_num: 0, count: 2 }));
      expect(records.map(({ body }) => body)).toEqual([text, `${text}, later`]);
    }
    const { streams } = await connect(ROOT).basin(BASIN).streams.list();
    expect(streams.map(({ name }) => name)).toEqual(["a/events", "b/events"]);
  });

  test("says what is wrong with a token, once, and as what it is", async () => {
    await expectServerError(streamOf(connect("nobody"), "s").append({ body: "x" }), "authn", 401);
    const writer = await tenant("w", ["append"]);
    const stream = streamOf(writer, "s");
    await stream.append({ body: "x" });
    await expectServerError(stream.read({ seq_num: 0 }), "permission_denied", 403);
    await expectServerError(stream.readSession({ seq_num: 0 }), "permission_denied", 403);
    await expectServerError(stream.append({ headers: [["", "fence"]], body: "t" }), "permission_denied", 403);
    const session = await stream.appendSession();
    const good = session.submit([{ body: "y" }]);
    const bad = errorOf(session.submit([{ headers: [["", "fence"]], body: "t" }]));
    expect((await good).start.seq_num).toBe(1);
    expect(await bad).toMatchObject({ code: "permission_denied", status: 403 });
  });

  test("lets a token end with its time, and not before", async () => {
    const stream = streamOf(await tenant("t", ["append"]), "s");
    await server.clock.advance(59_000);
    await stream.append({ body: "x" });
    await server.clock.advance(1_000);
    await expectServerError(stream.append({ body: "y" }), "authn", 401);
  });
});

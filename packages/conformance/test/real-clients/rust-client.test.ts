import { AppendRecord, S2 } from "@s2-dev/streamstore";
import { type LocalServer, startLocal } from "@s2-dev/streamstore-local";
import * as published from "published-streamstore";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningProgram, startProgram } from "../../src/real-clients/program.js";
import { rustClient } from "../../src/real-clients/rust-client.js";

const ROOT = "root-token";
const BASIN = "rust-basin";
const STREAM = "rust/log";

const built = rustClient();
const binary = "binary" in built ? built.binary : undefined;
if ("missing" in built) {
  console.warn(`!! The Rust SDK's run against the embedded server is SKIPPED: ${built.missing}`);
}

let local: LocalServer;
let ours: S2;
beforeAll(async () => {
  local = await startLocal({ auth: { rootToken: ROOT } });
  ours = new S2(local.clientOptions);
});
afterAll(async () => {
  await ours.close();
  await local.close();
});

function start(...args: string[]): RunningProgram {
  return startProgram(binary ?? "", args, {
    S2_ACCESS_TOKEN: ROOT,
    S2_ACCOUNT_ENDPOINT: local.origin,
    S2_BASIN_ENDPOINT: local.origin,
  });
}

const rust = (...args: string[]): Promise<readonly string[]> => start(...args).ended();

/** Bodies as our SDK reads them, over one of its transports. */
async function bodiesWeRead(forceTransport: "fetch" | "s2s"): Promise<(string | undefined)[]> {
  const stream = ours.basin(BASIN).stream(STREAM, { forceTransport });
  const session = await stream.readSession({ seq_num: 0, wait: 0 });
  const bodies: (string | undefined)[] = [];
  for await (const record of session) bodies.push(record.body);
  return bodies;
}

describe.skipIf(binary === undefined)("the Rust SDK", { timeout: 120_000 }, () => {
  test("creates, configures and lists basins and streams", async () => {
    const lines = await rust("manage", BASIN, STREAM);
    expect(lines).toEqual([
      `basins ${BASIN}`,
      expect.stringMatching(/^retention .*86400/),
      expect.stringMatching(/^timestamping .*Arrival/),
      "again true",
      `streams ${STREAM}`,
    ]);
    const { streams } = await ours.basin(BASIN).streams.list();
    expect(streams.map(({ name }) => name)).toEqual([STREAM]);
  });

  test("appends by call, by session and through a producer what every other client reads", async () => {
    const lines = await rust("write", BASIN, STREAM, "one", "two", "three", "four");
    expect(lines).toEqual([
      ...["call 0..1", "session 1..2", "producer 2", "producer 3", "tail 4", "mismatch true"],
    ]);
    const bodies = ["one", "two", "three", "four"];
    expect(await bodiesWeRead("fetch")).toEqual(bodies);
    expect(await bodiesWeRead("s2s")).toEqual(bodies);
    expect(await bodiesPublishedReads("fetch")).toEqual(bodies);
    expect(await bodiesPublishedReads("s2s")).toEqual(bodies);
  });

  test("reads by call and by session what others have appended", async () => {
    await ours
      .basin(BASIN)
      .stream(STREAM)
      .append(AppendRecord.make("five", { from: "ours" }));
    const seen = ["0 one []", "1 two [from=rust]", "2 three []", "3 four []", "4 five [from=ours]"];
    expect(await rust("read", BASIN, STREAM, "5")).toEqual([
      ...seen.map((line) => `call ${line}`),
      ...seen.map((line) => `session ${line}`),
    ]);
  });

  test("follows a stream live", async () => {
    const following = start("follow", BASIN, STREAM, "3");
    expect(await following.line("following")).toBe("following 5");
    const stream = ours.basin(BASIN).stream(STREAM);
    for (const body of ["six", "seven", "eight"]) {
      await stream.append({ body });
    }
    expect((await following.ended()).slice(1)).toEqual([
      "live 5 six []",
      "live 6 seven []",
      "live 7 eight []",
    ]);
  });

  test("fences and trims", async () => {
    expect(await rust("command", BASIN, STREAM)).toEqual([
      ...["fenced true", "trimmed 10", "first 1 two [from=rust]"],
    ]);
  });

  test("issues, lists, uses and revokes access tokens", async () => {
    expect(await rust("tokens", BASIN, STREAM)).toEqual([
      ...["tokens rust-reader", "reads true", "appends false", "revoked true"],
    ]);
  });

  test("asks for metrics and locations", async () => {
    const [account, basin, stream, locations] = await rust("metrics", BASIN, STREAM);
    expect(account).toContain(BASIN);
    expect(basin).toMatch(/Accumulation.*Operations.*, [1-9]\d*\.0\)/);
    expect(stream).toMatch(/Gauge.*Bytes/);
    expect(locations).toContain("aws:us-east-1");
  });

  test("removes what it has made", async () => {
    expect(await rust("remove", BASIN, STREAM)).toEqual(["gone true"]);
  });
});

/** Bodies as the published SDK reads them. */
async function bodiesPublishedReads(forceTransport: "fetch" | "s2s"): Promise<unknown[]> {
  const client = new published.S2({
    accessToken: ROOT,
    endpoints: { account: local.origin, basin: local.origin },
  });
  const stream = client.basin(BASIN).stream(STREAM, { forceTransport });
  const bodies: unknown[] = [];
  const session = await stream.readSession({
    start: { from: { seqNum: 0 } },
    stop: { limits: { count: 4 } },
  });
  for await (const record of session) bodies.push(record.body);
  await stream.close();
  return bodies;
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalServer, startLocal } from "@s2-dev/streamstore-local";
import * as published from "published-streamstore";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findS2Lite } from "../../src/servers/s2-lite.js";

const ROOT = "root-token";
const BASIN = "clients-basin";
const STREAM = `s2://${BASIN}/s`;

let local: LocalServer;
let home: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "s2-clients-"));
  local = await startLocal({ auth: { rootToken: ROOT } });
});
afterAll(async () => {
  await local.close();
  rmSync(home, { recursive: true });
});

const binary = findS2Lite();
if (binary === undefined) {
  console.warn(
    "!! There is no s2 command: its run against the embedded server is SKIPPED. cargo install --locked s2-cli",
  );
}

/** Runs the service's own command against the server; it must succeed unless told otherwise. */
async function s2(args: readonly string[], input = "", token = ROOT): Promise<string> {
  const { out, code } = await tryS2(args, input, token);
  if (code !== 0) throw new Error(`s2 ${args.join(" ")} ended with ${code}\n${out}`);
  return out;
}

async function tryS2(
  args: readonly string[],
  input = "",
  token = ROOT,
): Promise<{ readonly code: number; readonly out: string }> {
  const child = spawn(binary ?? "", args, {
    env: {
      PATH: process.env.PATH,
      HOME: home,
      NO_COLOR: "1",
      S2_ACCESS_TOKEN: token,
      S2_ACCOUNT_ENDPOINT: local.origin,
      S2_BASIN_ENDPOINT: local.origin,
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let out = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
  }
  child.stdin.end(input);
  const [code] = (await once(child, "close")) as [number];
  return { code, out };
}

describe.skipIf(binary === undefined)("the s2 command", () => {
  const lately = ["--start-ago", "1h", "--end-ago", "0s"];

  test("creates and configures basins and streams", async () => {
    await s2(["create-basin", BASIN]);
    expect(await s2(["list-basins"])).toContain(BASIN);
    await s2(["create-stream", STREAM]);
    await s2(["reconfigure-stream", STREAM, "--retention-policy", "1d"]);
    expect(await s2(["get-stream-config", STREAM])).toMatch(/86400|1d|1day/);
    expect(await s2(["list-streams", BASIN])).toContain("s");
  });

  test("appends, reads, tails, fences and trims", async () => {
    await s2(["append", STREAM], "one\ntwo\nthree\n");
    expect(await s2(["read", STREAM, "--seq-num", "0", "--count", "3"])).toMatch(
      /one\n(.*\n)*two\n(.*\n)*three/,
    );
    expect(await s2(["tail", STREAM, "--lines", "1"])).toContain("three");
    expect(await s2(["check-tail", STREAM])).toContain("3");
    await s2(["fence", STREAM, "mine"]);
    expect((await tryS2(["append", STREAM, "--fencing-token", "theirs"], "four\n")).code).not.toBe(0);
    await s2(["append", STREAM, "--fencing-token", "mine"], "four\n");
    await s2(["trim", STREAM, "2"]);
    const { out } = await tryS2(["read", STREAM, "--seq-num", "0", "--count", "1"]);
    expect(out).toContain("three");
  });

  test("issues, lists and revokes access tokens, which work as their scope says", async () => {
    const issued = await s2([
      ...["issue-access-token", "reader", "--expires-in", "1h", "--ops", "read", "--ops", "check_tail"],
      ...["--basins-prefix", "", "--streams-prefix", ""],
    ]);
    const [secret] = /s2local\.\S+/.exec(issued) ?? [];
    expect(await s2(["list-access-tokens"])).toContain("reader");
    expect(await s2(["check-tail", STREAM], "", secret)).toMatch(/\d/);
    expect((await tryS2(["append", STREAM], "x\n", secret)).out).toMatch(/permission/i);
    await s2(["revoke-access-token", "reader"]);
    expect((await tryS2(["check-tail", STREAM], "", secret)).code).not.toBe(0);
  });

  test("shows metrics and locations", async () => {
    expect(await s2(["get-basin-metrics", BASIN, "append-throughput", ...lately])).not.toBe("");
    expect(await s2(["get-stream-metrics", STREAM, "storage", ...lately])).not.toBe("");
    expect(await s2(["get-account-metrics", "active-basins", ...lately])).toContain(BASIN);
    expect(await s2(["list-locations"])).toContain("aws:us-east-1");
    await s2(["set-default-location", "aws:us-west-2"]);
    expect(await s2(["get-default-location"])).toContain("aws:us-west-2");
  });

  test("measures a stream", async () => {
    const args = [
      "--record-size",
      "1024",
      "--target-mibps",
      "5",
      "--duration",
      "2s",
      "--catchup-delay",
      "0s",
    ];
    expect(await s2(["bench", BASIN, ...args])).toMatch(/MiB\/s/);
  });
});

describe.each(["fetch", "s2s"] as const)("the published SDK for TypeScript over %s", (forceTransport) => {
  test("creates, appends and reads, by call and by session", async () => {
    const client = new published.S2({
      accessToken: ROOT,
      endpoints: { account: local.origin, basin: local.origin },
    });
    const basin = `published-${forceTransport}`;
    await client.basins.create({ basin });
    await client.basin(basin).streams.create({ stream: "s" });
    const stream = client.basin(basin).stream("s", { forceTransport });
    const input = published.AppendInput.create([published.AppendRecord.string({ body: "by call" })]);
    expect((await stream.append(input)).start.seqNum).toBe(0);
    const session = await stream.appendSession();
    const ticket = await session.submit(
      published.AppendInput.create([published.AppendRecord.string({ body: "by session" })]),
    );
    expect((await ticket.ack()).end.seqNum).toBe(2);
    await session.close();
    const bodies: unknown[] = [];
    const reading = await stream.readSession({
      start: { from: { seqNum: 0 } },
      stop: { limits: { count: 2 } },
    });
    for await (const record of reading) bodies.push(record.body);
    expect(bodies).toEqual(["by call", "by session"]);
    await stream.close();
    const issued = await client.accessTokens.issue({
      id: `p-${forceTransport}`,
      scope: { ops: ["list-basins"] },
    });
    expect(issued.accessToken).toContain("s2local.");
  });
});

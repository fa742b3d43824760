import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createChoice, seedOf } from "../src/fuzz/choice.js";
import { FuzzTarget } from "../src/fuzz/fuzz-target.js";
import type { FuzzInput } from "../src/fuzz/inputs.js";
import { mutateJson } from "../src/fuzz/mutate-json.js";
import { isStreaming, type Outcome } from "../src/fuzz/outcome.js";
import { emptyReport, type FuzzReport, runFuzz } from "../src/fuzz/run-fuzz.js";

const MIB = 1024 * 1024;
const SEED = Number(process.env.S2_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 32));
const INPUTS = Number(process.env.S2_FUZZ_INPUTS ?? 100_000);
/** One input alone. */
const ONLY = process.env.S2_FUZZ_ONLY;
/** Inputs between two looks at whether the server still works. */
const BLOCK = 10_000;
/** Inputs after which what they are about is made again, as inputs may have deleted it. */
const FRESH = 2_500;
const WITHOUT_TOKEN = Math.min(5_000, INPUTS);
const RULES = Math.min(3_000, INPUTS);
/** Inputs to a server on a directory, which is killed in between so often. */
const ON_DISK = Math.min(10_000, INPUTS);
const KILLS = 4;

/** What may be in use more after everything than after the first block, in bytes: the metrics of what was there. */
const MAX_GROWTH = 12 * MIB;
const MAX_RESIDENT = 500 * MIB;
const REPLAY = `S2_FUZZ_SEED=${SEED} pnpm --filter @s2-dev/conformance fuzz`;
const TIMEOUT = 900_000;

console.log(`seed ${SEED}; again: ${REPLAY} (S2_FUZZ_ONLY=<input> for one)`);

let target: FuzzTarget | undefined;
afterEach(() => target?.stop());

test("malformed input is answered or its connection closed, costs no memory, and leaves a server that works", {
  timeout: TIMEOUT,
}, async () => {
  const server = await FuzzTarget.start();
  target = server;
  const [from, to] = ONLY === undefined ? [0, INPUTS] : [Number(ONLY), Number(ONLY) + 1];
  const report = emptyReport();
  let before: number | undefined;
  for (let start = from; start < to; start += BLOCK) {
    await sendBlock(server, start, Math.min(to, start + BLOCK), report);
    expect(report.failures, `again: ${REPLAY}`).toEqual([]);
    await server.use();
    await server.clear();
    before ??= (await server.state()).usedBytes;
  }
  const { usedBytes, peakBytes, serverErrors } = await server.state();
  console.log(table(report));
  const after = `after ${BLOCK} inputs ${mib(before ?? 0)}, after ${to - from} ${mib(usedBytes)}`;
  console.log(`memory in use ${after}; peak resident ${mib(peakBytes)}`);
  expect(serverErrors).toEqual([]);
  expect(usedBytes - (before ?? 0)).toBeLessThan(MAX_GROWTH);
  expect(peakBytes).toBeLessThan(MAX_RESIDENT);
});

test("malformed input harms nothing that a server keeps in a directory, though it is killed meanwhile", {
  timeout: TIMEOUT,
}, async () => {
  const dir = await mkdtemp(join(tmpdir(), "fuzz-"));
  const report = emptyReport();
  const part = Math.ceil(ON_DISK / KILLS);
  try {
    for (let kill = 0; kill < KILLS; kill += 1) {
      const server = await FuzzTarget.start({ dir });
      target = server;
      expect(await server.kept()).toBe(2 * kill);
      await server.use();
      await sendBlock(server, kill * part, Math.min(ON_DISK, (kill + 1) * part), report);
      expect(report.failures, `again: ${REPLAY}`).toEqual([]);
      await server.use();
      expect((await server.state()).serverErrors).toEqual([]);
      await server.stop();
    }
    const server = await FuzzTarget.start({ dir });
    target = server;
    expect(await server.kept()).toBe(2 * KILLS);
    // What inputs have made goes as well.
    await server.clear();
    console.log(table(report));
  } finally {
    await target?.stop();
    await rm(dir, { recursive: true, force: true });
  }
});

test("no malformed input gets past a server that demands tokens", { timeout: TIMEOUT }, async () => {
  const server = await FuzzTarget.start({ auth: "fuzz-root-token" });
  target = server;
  await server.prepare();
  const report = emptyReport();
  const judge = (input: FuzzInput, outcome: Outcome): string | undefined =>
    isAnsweredWithout(input, outcome) ? `answered with ${outcome.statuses} without a token` : undefined;
  const range = {
    seed: SEED,
    port: server.port,
    from: 0,
    to: WITHOUT_TOKEN,
    crash: () => server.crash,
    judge,
  };
  await runFuzz(range, report);
  expect(report.failures, `again: ${REPLAY}`).toEqual([]);
  await server.use();
});

test("malformed rules of faults are refused or taken, and taken back", { timeout: TIMEOUT }, async () => {
  const server = await FuzzTarget.start({ admin: true });
  target = server;
  const url = `http://127.0.0.1:${server.port}/admin/faults`;
  const statuses = new Map<number, number>();
  for (let index = 0; index < RULES; index += 1) {
    const choice = createChoice(seedOf(SEED, index));
    const body = new Uint8Array(mutateJson(choice, choice.pick(RULE_TEXTS)));
    const answer = await fetch(url, { method: "POST", body });
    await answer.arrayBuffer();
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    expect([201, 400, 422], `rule ${index}: ${Buffer.from(body)}; again: ${REPLAY}`).toContain(answer.status);
    if (index % 100 === 99) expect((await fetch(url, { method: "DELETE" })).status).toBe(204);
  }
  console.log(`${RULES} rules of faults:`, Object.fromEntries(statuses));
  expect((await fetch(url, { method: "DELETE" })).status).toBe(204);
  await server.use();
});

async function sendBlock(server: FuzzTarget, from: number, to: number, report: FuzzReport): Promise<void> {
  const { port } = server;
  for (let start = from; start < to && report.failures.length === 0; start += FRESH) {
    await server.prepare();
    const range = {
      seed: SEED,
      port,
      from: start,
      to: Math.min(to, start + FRESH),
      crash: () => server.crash,
    };
    await runFuzz(range, report);
  }
}

/** Whether something of the API was given to a request that had no token. */
function isAnsweredWithout(input: FuzzInput, { statuses, contentType }: Outcome): boolean {
  if (input.wire === "bytes") return false;
  const { path, method } = input.request;
  if (!path.startsWith("/v1/") || method === "OPTIONS") return false;
  return isStreaming(contentType) || statuses.some((status) => status < 400);
}

/** Rules of each kind, to be mutated. */
const RULE_TEXTS: readonly string[] = [
  { on: { operation: "append", times: 3 }, do: { kind: "answer", status: 503, code: "unavailable" } },
  {
    on: { operation: ["read", "append"], mode: "session" },
    do: { kind: "cut", how: "reset", code: 8, afterMs: 2 },
  },
  { on: { basin: "b", stream: "s", nth: 2 }, do: { kind: "stall", at: "headers" } },
  { on: { probability: 0.5 }, do: { kind: "inject", hex: "00ff", after: 1 } },
  { do: { kind: "throttle", bytesPerSecond: 1000 } },
  { do: { kind: "delay", ms: 5, only: "heartbeats" } },
  { do: { kind: "split", bytes: 1 } },
  { do: { kind: "fail", code: "storage", insteadOf: 2 } },
  { do: { kind: "advise-reconnect", onMessage: 1 } },
  { do: { kind: "drain", ms: 1 } },
].map((rule) => JSON.stringify(rule));

function table({ counts }: FuzzReport): string {
  const rows = Object.entries(counts).map(([kind, { sent, answered, closed }]) =>
    [kind.padEnd(18), sent, answered[2], answered[3], answered[4], answered[5], closed].join("\t"),
  );
  const sent = Object.values(counts).reduce((sum, count) => sum + count.sent, 0);
  return [
    "kind              \tsent\t2xx\t3xx\t4xx\t5xx\tclosed",
    ...rows,
    `all               \t${sent}`,
  ].join("\n");
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}

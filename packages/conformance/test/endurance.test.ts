import { type LocalServer, startLocal } from "@s2-dev/streamstore-local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Holdings } from "../src/endurance/counting.js";
import { runProgram } from "../src/endurance/run.js";
import { type Bench, openBench, sockets } from "../src/faults/bench.js";
import type { BuiltInWire } from "../src/targets.js";
import { eventually, settled } from "../src/waiting.js";

const WIRES: readonly BuiltInWire[] = ["fetch", "s2s"];
const MIB = 1024 * 1024;
const BASIN = "lasting-basin";
/** Sessions that the program has open at the same time. */
const ABREAST = 16;
const TIMEOUT = 600_000;

/** How much is done: longer runs are asked for through the environment. */
const BATCHES = Number(process.env.S2_ENDURANCE_BATCHES ?? 1_000_000);
/** A day's are 100,000: too long for every run of a busy machine. */
const SESSIONS = Number(process.env.S2_ENDURANCE_SESSIONS ?? 10_000);
const ROUNDS = Number(process.env.S2_ENDURANCE_ROUNDS ?? 40);

describe.each(WIRES)("over %s", (wire) => {
  let local: LocalServer;
  beforeEach(async () => {
    local = await startLocal({ init: { basins: [{ name: BASIN, streams: [{ name: "log" }] }] } });
  });
  afterEach(() => local.close());

  const environment = (): Record<string, string> => ({
    S2_ACCESS_TOKEN: "any",
    S2_ACCOUNT_ENDPOINT: local.origin,
    S2_BASIN_ENDPOINT: local.origin,
    S2_BASIN: BASIN,
    S2_STREAM: "log",
    S2_TRANSPORT: wire,
  });

  async function append(bytes: number): Promise<void> {
    const opening = await local.service.records.openAppend({ basin: BASIN, stream: "log" });
    const body = Buffer.alloc(bytes, "x");
    await opening.append({
      records: [{ timestamp: undefined, headers: [], body }],
      match_seq_num: undefined,
      fencing_token: undefined,
    });
  }

  it("a reader that took one record of 300 MB keeps the process small [D2-7, G-6]", {
    timeout: TIMEOUT,
  }, async () => {
    for (let count = 0; count < 600; count += 1) await append(MIB / 2);
    const seen = await runProgram<{ extra: number; first: number; position: number }>(
      "slow-reader",
      environment(),
    );
    console.log(`${wire}: ${(seen.extra / MIB).toFixed(1)} MiB more with 300 MiB on offer`);
    expect(seen).toMatchObject({ first: 0, position: 1 });
    expect(seen.extra).toBeLessThan(64 * MIB);
  });

  // One POST a batch makes a million of them too long for fetch; the session that must not grow is the same.
  const batches = wire === "s2s" ? BATCHES : Math.ceil(BATCHES / 50);
  it(`does not grow by ${batches} batches through writable, their acks never read [D2-10, D1-20, G-13]`, {
    timeout: TIMEOUT,
  }, async () => {
    const seen = await runProgram<{ growth: number; end: number }>("million-batches", {
      ...environment(),
      BATCHES: String(batches),
    });
    console.log(`${wire}: ${(seen.growth / MIB).toFixed(1)} MiB more after ${batches} batches`);
    expect(seen.end).toBe(batches);
    expect(seen.growth).toBeLessThan(16 * MIB);
  });

  it(`leaves nothing of ${SESSIONS} sessions on one client [G-10]`, {
    timeout: TIMEOUT + SESSIONS * 20,
  }, async () => {
    await append(1);
    interface Seen {
      readonly growth: number;
      readonly before: Readonly<Record<string, number>>;
      readonly after: Readonly<Record<string, number>>;
      readonly closed: Readonly<Record<string, number>>;
      readonly listeners: number;
      readonly held: Holdings;
      readonly heldClosed: Holdings;
    }
    // Idle connections do not hold the client's process, so they are counted on this side, while it runs.
    const before = sockets();
    const most = { sockets: 0, followers: 0 };
    const looking = setInterval(() => {
      most.sockets = Math.max(most.sockets, sockets() - before);
      most.followers = Math.max(most.followers, local.service.live.peek(BASIN, "log")?.followers ?? 0);
    }, 20);
    const seen = await runProgram<Seen>("many-sessions", {
      ...environment(),
      SESSIONS: String(SESSIONS),
      ABREAST: String(ABREAST),
    }).finally(() => clearInterval(looking));
    expect(most.followers).toBeLessThanOrEqual(4 * ABREAST);
    // Node's HTTP/2 server ends a connection with GOAWAY after about a thousand cancelled streams (nghttp2's guard against
    // rapid resets), so even s2s changes connections; the old ones overlap with the new while their sessions end.
    expect(most.sockets).toBeLessThanOrEqual(wire === "s2s" ? ABREAST : 4 * ABREAST);
    console.log(
      `${wire}: ${(seen.growth / MIB).toFixed(1)} MiB more after ${SESSIONS} sessions; at most ${JSON.stringify(most)}; ` +
        `left: ${seen.listeners} listeners, ${JSON.stringify(seen.held)}; once closed: ${JSON.stringify(seen.heldClosed)}`,
    );
    expect(seen.held.streams).toBe(0);
    // What pools keep warm, with a timer that lets it go.
    expect(seen.held.connections).toBeLessThanOrEqual(ABREAST);
    expect(seen.held.timers).toBeLessThanOrEqual(4 * ABREAST);
    expect(seen.heldClosed).toEqual({ timers: 0, connections: 0, streams: 0 });
    expect(seen.listeners).toBe(0);
    expect(seen.closed).toEqual({});
    for (const [name, count] of Object.entries(seen.after))
      expect([name, count <= (seen.before[name] ?? 0) + 1]).toEqual([name, true]);
    expect(seen.growth).toBeLessThan(8 * MIB);
    expect(local.service.live.peek(BASIN, "log")?.followers).toBe(0);
  });
});

describe.each(WIRES)("a quiet tail over %s", (wire) => {
  let bench: Bench;
  afterEach(() => bench.close());

  it.each([
    ["cuts its connection", { kind: "cut", how: "destroy", afterMs: 50 }],
    ["ends it with a 503", { kind: "fail", status: 503, code: "unavailable", afterMs: 50 }],
    ["resets it", { kind: "cut", how: "reset", code: 8, afterMs: 50 }],
  ] as const)(
    "survives a server that %s every 50 ms and answers every other attempt with 503 [D2-26]",
    async (_does, fault) => {
      bench = await openBench(wire, { retry: { maxAttempts: 3 } });
      const session = await bench.stream.readSession({ tail_offset: 0 });
      await session.cancel();
      const cuts = bench.local.faults.add({ on: { operation: "read" }, do: fault });
      const tail = await bench.stream.readSession({ tail_offset: 0 });
      const next = tail[Symbol.asyncIterator]().next();
      let refused = 0;
      while (cuts.hits < ROUNDS) {
        const round = cuts.hits;
        // One refusal between two frames: more often than any number of attempts for a whole life would bear.
        const refusal = bench.local.faults.add({
          on: { operation: "read", times: 1 },
          do: { kind: "answer", status: 503, code: "unavailable" },
        });
        await eventually("the next round", async () => (cuts.hits > round + 1 ? true : undefined));
        refused += refusal.hits;
        refusal.remove();
      }
      expect(refused).toBeGreaterThanOrEqual(Math.floor(ROUNDS / 3));
      bench.local.faults.clear();
      await bench.stream.append({ body: "still here" });
      expect((await settled("a record", next)).value?.body).toBe("still here");
      await tail.cancel();
    },
  );
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createFollower, type FollowerSession, type ReadArgs } from "../follower.js";
import {
  createScriptedServer,
  type Draw,
  drawFrom,
  type Fault,
  meteredSize,
  type ScriptedServer,
  type StoredRecord,
} from "./scripted-server.fixture.js";

/** More of them by `S2_FOLLOWER_RUNS`. */
const RUNS = Number(process.env.S2_FOLLOWER_RUNS ?? 300);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function anyFault(draw: Draw): Fault {
  const after = draw.below(400);
  const faults: readonly Fault[] = [
    { kind: "none" },
    { kind: "refuse" },
    { kind: "hang" },
    { kind: "break", after },
    { kind: "break", after },
    { kind: "end", after },
    { kind: "silence", after },
    { kind: "answer", status: 503, body: '{"code":"unavailable","message":"no"}' },
    { kind: "answer", status: 503, body: '{"code":"server_draining","message":"no"}' },
    { kind: "answer", status: 500, body: "<html>" },
    { kind: "answer", status: 429, body: "", headers: { "retry-after": "2" } },
    { kind: "answer", status: 401, body: '{"code":"authn","message":"no"}' },
  ];
  return faults[draw.below(faults.length)] as Fault;
}

interface Run {
  readonly draw: Draw;
  readonly server: ScriptedServer;
  readonly seen: StoredRecord[];
  /** Reads the session into `seen`, by record or by batch, until `isEnough` or its end. */
  read(args: Omit<ReadArgs<"string">, "streamConfig">, isEnough?: () => boolean): Promise<FollowerSession>;
  /** Lets time pass until this has settled, appending now and then up to so many records. */
  during<T>(work: Promise<T>, appends?: number): Promise<T>;
}

function start(seed: number): Run {
  const draw = drawFrom(seed);
  let wasRefused = false;
  const server = createScriptedServer(draw, () => {
    const fault = anyFault(draw);
    // A second token that is refused before anything has come ends the session, as it should.
    if (fault.kind !== "answer" || fault.status !== 401) return fault;
    if (wasRefused) return { kind: "none" };
    wasRefused = true;
    return fault;
  });
  const follower = createFollower({
    accessToken: async () => "token",
    basin: "test-basin",
    stream: "s",
    retry: { maxAttempts: "unlimited" },
    fetch: server.fetch,
  });
  const seen: StoredRecord[] = [];
  return {
    draw,
    server,
    seen,
    async read(args, isEnough = () => false) {
      const session = await follower.readSession(args);
      const take = ({ seq_num, timestamp, body }: StoredRecord): void => {
        seen.push({ seq_num, timestamp, body });
      };
      const start = session.nextReadPosition();
      if (isEnough()) await session.cancel();
      if (draw.oneIn(2)) {
        for await (const { records } of session.batches({ heartbeats: draw.oneIn(2) })) {
          records.forEach(take);
          if (isEnough()) break;
        }
      } else {
        for await (const record of session) {
          take(record);
          if (isEnough()) break;
        }
      }
      if (start !== undefined && seen[0] !== undefined) expect(seen[0].seq_num).toBe(start.seq_num);
      return session;
    },
    async during(work, appends = 0) {
      let isOver = false;
      const watched = work.finally(() => {
        isOver = true;
      });
      watched.catch(() => {});
      let left = appends;
      for (let step = 0; !isOver; step += 1) {
        if (step > 5000) throw new Error("it does not come to an end");
        if (step > 300) server.heal();
        // Now and then one more, for whoever was opened behind all of them.
        const more = appends > 0 && step % 50 === 49 ? 1 : 0;
        const grows = Math.max(more, Math.min(left, draw.below(4)));
        server.append(grows);
        left = Math.max(0, left - grows);
        await vi.advanceTimersByTimeAsync(draw.oneIn(4) ? 5000 : 200);
      }
      return watched;
    },
  };
}

/** Nothing may be left of a session that has ended; of one that ended by itself the server has a second to end its body. */
async function expectNothingLeft({ server }: Run): Promise<void> {
  await vi.advanceTimersByTimeAsync(1100);
  expect(server.openBodies).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
}

const seeds = Array.from({ length: RUNS }, (_, index) => index + 1);

/** Each seed is a run of its own; the first that fails is named. */
async function forEachSeed(simulate: (run: Run) => Promise<void>): Promise<void> {
  for (const seed of seeds) {
    try {
      const run = start(seed);
      await simulate(run);
      await expectNothingLeft(run);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    } finally {
      vi.clearAllTimers();
    }
  }
}

describe("a follower of a server that goes wrong", () => {
  it("gives each record of the log once and in order, whatever breaks", async () => {
    await forEachSeed(async (run) => {
      const { draw, server, seen } = run;
      server.append(draw.below(20));
      const total = server.log.length + 20;
      await run.during(
        run.read({ seq_num: 0 }, () => seen.length >= total),
        20,
      );
      expect(seen).toEqual(server.log.slice(0, seen.length));
    });
  });

  it("loses nothing from where a relative start was fixed", async () => {
    await forEachSeed(async (run) => {
      const { draw, server, seen } = run;
      server.append(10);
      const relative = draw.oneIn(2) ? { tail_offset: draw.below(5) } : { timestamp: draw.below(120) };
      await run.during(
        run.read(relative, () => (seen.at(-1)?.seq_num ?? 0) >= 39),
        30,
      );
      const start = seen[0]?.seq_num ?? 0;
      expect(seen).toEqual(server.log.slice(start, start + seen.length));
      // A time that lies beyond the tail is the tail.
      const from = server.log.find(({ timestamp }) => timestamp >= (relative.timestamp ?? 0));
      if ("timestamp" in relative) expect(seen[0]?.seq_num).toBeLessThanOrEqual(from?.seq_num ?? 0);
    });
  });

  it("gives exactly what its limits allow, though it is resumed", async () => {
    await forEachSeed(async (run) => {
      const { draw, server, seen } = run;
      server.append(20);
      const limit = [{ count: draw.below(30) }, { bytes: draw.below(500) }, { until: draw.below(300) }][
        draw.below(3)
      ] as { count?: number; bytes?: number; until?: number };
      const args = { seq_num: draw.below(15), ...limit, ...(draw.oneIn(2) ? { wait: 0 } : {}) };
      const session = await run.during(run.read(args));
      let bytes = limit.bytes ?? Number.POSITIVE_INFINITY;
      const allowed = server.log.slice(args.seq_num).filter((record, index) => {
        bytes -= meteredSize(record);
        return (
          index < (limit.count ?? index + 1) &&
          bytes >= 0 &&
          record.timestamp < (limit.until ?? Number.POSITIVE_INFINITY)
        );
      });
      expect(seen).toEqual(allowed);
      expect(session.isCaughtUp()).toBe(false);
    });
  });

  it("goes on behind what is trimmed before it could be read", async () => {
    await forEachSeed(async (run) => {
      const { draw, server, seen } = run;
      server.append(30);
      let trimmed = 0;
      const reading = run.read({ seq_num: 0 }, () => {
        if (draw.oneIn(8)) {
          trimmed = Math.max(trimmed, Math.min(29, (seen.at(-1)?.seq_num ?? 0) + draw.below(6)));
          server.trim(trimmed);
        }
        return seen.at(-1)?.seq_num === 29;
      });
      await run.during(reading);
      expect(seen).toEqual(
        server.log.filter(({ seq_num }) => seen.some((record) => record.seq_num === seq_num)),
      );
      expect(seen.map(({ seq_num }) => seq_num)).toEqual([...new Set(seen.map(({ seq_num }) => seq_num))]);
      // What lies behind the last trim is all there.
      expect(seen.filter(({ seq_num }) => seq_num >= trimmed)).toEqual(server.log.slice(trimmed));
    });
  });

  it("gives up nothing that it holds when it is cancelled, aborted or closed at any moment", async () => {
    await forEachSeed(async (run) => {
      const { draw, server, seen } = run;
      server.append(10);
      const controller = new AbortController();
      const follower = createFollower({
        accessToken: "token",
        basin: "test-basin",
        stream: "s",
        retry: { maxAttempts: "unlimited" },
        fetch: server.fetch,
      });
      const how = draw.below(3);
      let session: FollowerSession | undefined;
      const reading = (async () => {
        session = await follower.readSession(draw.oneIn(2) ? { seq_num: 0 } : { tail_offset: 5 }, {
          signal: controller.signal,
        });
        for await (const record of session) seen.push(record);
        return "ended";
      })().catch((error: { code: string }) => error.code);
      await vi.advanceTimersByTimeAsync(draw.below(30_000));
      const wasOpen = session !== undefined;
      if (how === 0) controller.abort();
      else if (how === 1 || session === undefined) await follower.close();
      else await session.cancel();
      const expected = how === 0 ? ["ABORTED"] : wasOpen ? ["ended"] : ["SESSION_CLOSED"];
      const outcome = await run.during(reading);
      // A token that stays the same is refused for good.
      expect([...expected, "authn"]).toContain(outcome);
    });
  });
});

describe("a follower of a server that sends a record again", () => {
  it("fails instead of giving it twice", async () => {
    const event = (...seqNums: number[]): string =>
      `event: batch\ndata: ${JSON.stringify({ records: seqNums.map((seq_num) => ({ seq_num, timestamp: 1 })) })}\n\n`;
    for (const second of [event(3, 4), event(5), event(6, 5, 7), event(6, 6)]) {
      const answers = [event(4, 5), second];
      const follower = createFollower({
        accessToken: "token",
        basin: "test-basin",
        stream: "s",
        retry: { minBaseDelayMillis: 0, maxBaseDelayMillis: 0 },
        // Each answer is cut behind its only event, so the second is a resume.
        fetch: async () =>
          new Response(answers.shift(), { headers: { "content-type": "text/event-stream" } }),
      });
      const seen: number[] = [];
      const reading = (async () => {
        for await (const { seq_num } of await follower.readSession({ seq_num: 4 })) seen.push(seq_num);
      })().catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(100);
      expect(await reading).toMatchObject({ code: "PROTOCOL_ERROR", retryable: false });
      expect(seen).toEqual([4, 5]);
    }
  });
});

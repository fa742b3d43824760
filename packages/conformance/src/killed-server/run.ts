import { setTimeout as sleep } from "node:timers/promises";
import { type AppendSessionOptions, type ReadSession, S2, type SessionTransports } from "@s2-dev/streamstore";
import { startTcpProxy } from "../servers/tcp-proxy.js";
import { followAll } from "./follower.js";
import { type Exposure, judge, type Verdict } from "./judge.js";
import type { MortalServer } from "./mortal-server.js";
import { createRandom } from "./random.js";
import { measureRecovery, type Outage, type Recovery } from "./recovery.js";
import { startWriter } from "./writer.js";

export interface RunOptions {
  readonly transport: SessionTransports;
  /** One follower over each. Default: one, over the writer's. */
  readonly followers?: readonly SessionTransports[];
  readonly kills: number;
  /** How long acknowledgements are held back, in milliseconds. */
  readonly ackDelay: number;
  readonly session?: AppendSessionOptions;
  /** Decides the moments of the kills and the sizes of the batches. */
  readonly seed: number;
}

export interface RunReport extends Verdict, Recovery {
  readonly kills: number;
  /** What ended a follower, if anything did. */
  readonly failure: unknown;
}

/** Batches in flight are bounded, so that a run that is away for a second does not pile up work. */
const IN_FLIGHT = 64;
const KILL_AFTER_MS = { least: 300, most: 2200 } as const;
/** The client's default. */
const ACK_DEADLINE_MS = 5000;

/** Writes and follows a stream while its server is killed and started again. */
export async function runAgainstKills(server: MortalServer, options: RunOptions): Promise<RunReport> {
  const proxy = options.ackDelay > 0 ? await startTcpProxy(server.port, options.ackDelay) : undefined;
  const endpoint = `http://127.0.0.1:${proxy?.port ?? server.port}`;
  await server.start();
  // All other options are the defaults: with them, too, a server may be away for seconds.
  const s2 = new S2({ accessToken: "ignored", endpoints: { account: endpoint, basin: endpoint } });
  try {
    const basin = `mortal-${options.seed}`;
    await s2.basins.create({ basin });
    await s2.basin(basin).streams.create({ stream: "log" });
    const stream = s2.basin(basin).stream("log", { forceTransport: options.transport });
    const followers = await Promise.all(
      (options.followers ?? [options.transport]).map(async (transport) => {
        const followed = s2.basin(basin).stream("log", { forceTransport: transport });
        return followAll(await followed.readSession({ tail_offset: 0, as: "string" }));
      }),
    );
    // The start is fixed, although no record was there: killed now, nothing may be skipped.
    await server.kill();
    await server.start();

    const sessionOptions = { maxInflightBatches: IN_FLIGHT, ...options.session };
    const writer = startWriter(() => stream.appendSession(sessionOptions), createRandom(options.seed));
    const moments = createRandom(options.seed + 1);
    const exposures: Exposure[] = [];
    const outages: Outage[] = [];
    for (let kill = 1; kill < options.kills; kill += 1) {
      await sleep(KILL_AFTER_MS.least + moments() * (KILL_AFTER_MS.most - KILL_AFTER_MS.least));
      const from = writer.settled;
      const killedAt = performance.now();
      await server.kill();
      exposures.push({ from, to: writer.given });
      await server.start();
      outages.push({ killedAt, upAt: performance.now() });
    }
    await sleep(KILL_AFTER_MS.most);
    const written = await writer.stop();
    const { tail } = await stream.checkTail();
    const followed = await Promise.all(followers.map((follower) => follower.stopAt(tail.seq_num)));
    const log = await readAll(await stream.readSession({ seq_num: 0, wait: 0, as: "string" }));
    const verdict = judge({
      written,
      log,
      followed,
      tail: tail.seq_num,
      exposures,
      ackDeadline: options.session?.retry?.requestTimeoutMillis ?? ACK_DEADLINE_MS,
    });
    const failure = followed.find((one) => one.failure !== undefined)?.failure;
    return { kills: options.kills, ...verdict, ...measureRecovery(outages, written.batches), failure };
  } finally {
    await s2.close();
    await proxy?.close();
    await server.kill();
  }
}

async function readAll(session: ReadSession): Promise<Map<number, string>> {
  const log = new Map<number, string>();
  for await (const { seq_num, body } of session) log.set(seq_num, body);
  return log;
}

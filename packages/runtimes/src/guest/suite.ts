import type { SdkBehaviour, Topic } from "@s2-dev/conformance/behaviour.js";
import { agreeing } from "@s2-dev/conformance/behaviours/agreeing.js";
import { appending } from "@s2-dev/conformance/behaviours/appending.js";
import { autoCreating } from "@s2-dev/conformance/behaviours/auto-creating.js";
import { basins } from "@s2-dev/conformance/behaviours/basins.js";
import { bulkAppending } from "@s2-dev/conformance/behaviours/bulk-appending.js";
import { catchingUp } from "@s2-dev/conformance/behaviours/catching-up.js";
import { commands } from "@s2-dev/conformance/behaviours/commands.js";
import { conditions } from "@s2-dev/conformance/behaviours/conditions.js";
import { endingAppends } from "@s2-dev/conformance/behaviours/ending-appends.js";
import { endingReads } from "@s2-dev/conformance/behaviours/ending-reads.js";
import { following } from "@s2-dev/conformance/behaviours/following.js";
import { leasing } from "@s2-dev/conformance/behaviours/leasing.js";
import { listing } from "@s2-dev/conformance/behaviours/listing.js";
import { observing } from "@s2-dev/conformance/behaviours/observing.js";
import { paging } from "@s2-dev/conformance/behaviours/paging.js";
import { pipelining } from "@s2-dev/conformance/behaviours/pipelining.js";
import { producing } from "@s2-dev/conformance/behaviours/producing.js";
import { reading } from "@s2-dev/conformance/behaviours/reading.js";
import { resuming } from "@s2-dev/conformance/behaviours/resuming.js";
import { streams } from "@s2-dev/conformance/behaviours/streams.js";
import { timestamps } from "@s2-dev/conformance/behaviours/timestamps.js";
import { waitingReads } from "@s2-dev/conformance/behaviours/waiting-reads.js";
import { knownDifference, mustStillFail } from "@s2-dev/conformance/known-differences.js";
import { performSdk } from "@s2-dev/conformance/perform-sdk.js";
import type { ServerName } from "@s2-dev/conformance/servers/server.js";
import { type Pair, pairName, type SocketWire } from "@s2-dev/conformance/targets.js";
import { settled } from "@s2-dev/conformance/waiting.js";
import { aborting } from "./aborting.js";
import { forcing } from "./forcing.js";
import { retrying } from "./retrying.js";

/**
 * Behaviours that run on every runtime: those of the conformance suite that need nothing of Node and are of the client,
 * and a few more.
 */
export const portableTopics: readonly Topic[] = [
  aborting,
  agreeing,
  appending,
  autoCreating,
  basins,
  bulkAppending,
  catchingUp,
  commands,
  conditions,
  endingAppends,
  endingReads,
  following,
  forcing,
  leasing,
  listing,
  observing,
  paging,
  pipelining,
  producing,
  reading,
  resuming,
  retrying,
  streams,
  timestamps,
  waitingReads,
];

/** A server to run against, over one transport. */
export interface Target {
  readonly wire: SocketWire;
  readonly server: ServerName;
  readonly origin: string;
  /** Whether this runtime has `node:http2`, and with it the s2s transport. */
  readonly hasS2s: boolean;
}

/** A behaviour that a runtime cannot show, for a reason of the runtime's own. It runs all the same, and must fail. */
export interface Limit {
  readonly topic: string;
  readonly says: string;
  readonly wire?: SocketWire;
  readonly server?: ServerName;
  readonly reason: string;
  /** Where its makers speak of it. */
  readonly issue: string;
}

export interface SuiteOptions {
  readonly targets: readonly Target[];
  /** How many behaviours are under way at the same time. */
  readonly atOnce: number;
  /** Each of them reaches the servers by a name of its own, `w0.localhost` and so on. */
  readonly ownHosts: boolean;
  readonly limits: readonly Limit[];
}

/** What became of a behaviour; without `error` it was shown, or failed as it had to. */
export interface Outcome {
  readonly pair: string;
  readonly topic: string;
  readonly says: string;
  readonly error?: string;
}

/** A behaviour may take so long, in milliseconds: a guard against hanging, beyond two rounds of what s2-lite defers. */
const PATIENCE = 200_000;

/** The behaviours of a topic that say something about this pair. */
export function behavioursOn(topic: Topic, { wire, server, hasS2s }: Omit<Target, "origin">): SdkBehaviour[] {
  // Faults are performed by `local`.
  if (topic === retrying && server !== "local") return [];
  if (topic === forcing && hasS2s) return [];
  // Of two transports, in one behaviour.
  if (topic === agreeing && !hasS2s) return [];
  return topic.behaviours.filter(
    (behaviour): behaviour is SdkBehaviour =>
      behaviour.through === "sdk" && (behaviour.wires?.includes(wire) ?? true),
  );
}

/** Whether a limit is one over this transport, against this server. */
export function concernsTarget(limit: Limit, { wire, server }: Pick<Target, "wire" | "server">): boolean {
  return (limit.wire ?? wire) === wire && (limit.server ?? server) === server;
}

/** Runs every behaviour on every target, and says what became of each. */
export async function runSuite({ targets, atOnce, ownHosts, limits }: SuiteOptions): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const jobs = targets.flatMap((given) =>
    portableTopics.flatMap((topic) =>
      behavioursOn(topic, given).map((behaviour) => async (worker: number) => {
        const target = ownHosts ? { ...given, origin: throughHost(given.origin, worker) } : given;
        const { wire, server } = target;
        const limit = limits.find(
          (entry) =>
            entry.topic === topic.name && entry.says === behaviour.says && concernsTarget(entry, target),
        );
        const error = await performOne(topic.name, behaviour, target, limit?.reason);
        const pair = pairName({ wire, server });
        outcomes.push({
          pair,
          topic: topic.name,
          says: behaviour.says,
          ...(error === undefined ? {} : { error }),
        });
      }),
    ),
  );
  const work = async (worker: number): Promise<void> => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) await job(worker);
  };
  await Promise.all(Array.from({ length: atOnce }, (_, worker) => work(worker)));
  return outcomes;
}

function throughHost(origin: string, worker: number): string {
  const url = new URL(origin);
  url.hostname = `w${worker}.localhost`;
  return url.origin;
}

/** What went wrong, if something did. */
async function performOne(
  topic: string,
  behaviour: SdkBehaviour,
  { wire, server, origin }: Target,
  limit: string | undefined,
): Promise<string | undefined> {
  const pair: Pair<SocketWire> = { wire, server };
  const reason = limit ?? knownDifference(topic, behaviour.says, pair)?.reason;
  const run = (): Promise<void> =>
    settled(
      behaviour.says,
      performSdk(behaviour, pair, { name: server, origin, stop: async () => undefined }),
      PATIENCE,
    );
  try {
    await (reason === undefined ? run() : mustStillFail(run, reason));
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${error.stack ?? error.message}`.slice(0, 2000) : String(error);
  }
}

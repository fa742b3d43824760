import type { Case } from "../cases/case.js";
import { streamName } from "../fixture/shape.js";
import type { ClientResult, Job, PartyName } from "../job.js";
import { faultOf } from "./check.js";
import { type Figures, figuresOf, type Spreads, spreadsOf } from "./figures.js";
import { type ClientPaths, runClient } from "./run-client.js";
import { BASIN, type Server } from "./servers.js";

/** The same for every party, whatever its default is. */
const INFLIGHT_BYTES = 5 << 20;
/**
 * Each batch of the Rust SDK is an HTTP/2 frame of its own. A server on the crate h2 (0.4.16 and later) ends a connection
 * on which the frames that it has not yet read are short of 256 bytes by more than half its window, together: 512 KiB of
 * s2-lite's. So many never are.
 */
const INFLIGHT_BATCHES = 2000;
/** Records of a run that is verified and not measured. */
const VERIFIED_RECORDS = 3000;
const VERIFIED_BYTES = 8_000_000;
const WARM_ROUNDS = 3;
/** A real server is so much slower than the minimal one that fewer records do; far fewer where each waits for it. */
const END_TO_END_SHARE = 5;
const END_TO_END_CALLS_SHARE = 20;

export interface CaseResult {
  readonly case: Case;
  readonly parties: Partial<Record<PartyName, Spreads>>;
  /** Of each process, in order: what stands at the same place was measured side by side. */
  readonly rounds: Partial<Record<PartyName, readonly Figures[]>>;
  /** Why a party has no figures. */
  readonly faults: Partial<Record<PartyName, string>>;
}

export interface RunSettings {
  readonly rounds: number;
  readonly parties: readonly PartyName[];
  /** The rounds of a client are divided by this. */
  readonly share: number;
  readonly paths: ClientPaths;
}

/** Works that are verified, besides those whose name says that they append or read. */
const ALSO_VERIFIED: ReadonlySet<string> = new Set(["batch-transform", "producer", "tails", "round-trip"]);

let runs = 0;

/** Measures one case: every party first verified, then all in turn, each time in a fresh process. */
export async function runCase(made: Case, server: Server, settings: RunSettings): Promise<CaseResult> {
  const faults: CaseResult["faults"] = {};
  const figures = new Map<PartyName, Figures[]>();
  const attempt = async (party: PartyName, job: Job): Promise<ClientResult | undefined> => {
    try {
      const result = await runClient(job, settings.paths);
      const fault = faultOf(job, result, await server.seen(job.stream));
      if (fault !== undefined) throw new Error(fault);
      return result;
    } catch (error) {
      faults[party] = error instanceof Error ? error.message : String(error);
      return undefined;
    }
  };
  const parties = made.parties.filter((party) => settings.parties.includes(party));
  await load(made, server, settings);
  for (const party of parties) {
    if (isVerified(made, party)) await attempt(party, verifyingJob(made, party, server));
    if (faults[party] === undefined) figures.set(party, []);
  }
  for (let round = 0; round < settings.rounds; round++) {
    for (const party of rotated([...figures.keys()], round)) {
      if (faults[party] !== undefined) continue;
      const job = measuringJob(made, party, server, settings);
      const result = await attempt(party, job);
      if (result !== undefined) figures.get(party)?.push(figuresOf(job, result));
    }
  }
  const delivering = [...figures].filter(([party]) => faults[party] === undefined);
  return {
    case: made,
    parties: Object.fromEntries(delivering.map(([party, list]) => [party, spreadsOf(list)])),
    rounds: Object.fromEntries(delivering),
    faults,
  };
}

/** Who goes first changes from round to round. */
function rotated<T>(list: readonly T[], by: number): T[] {
  const at = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

/** Whether the party runs once for a checksum before it is measured. */
export function isVerified({ work }: Case, party: PartyName): boolean {
  return (
    party !== "parse" &&
    (work.includes("append") || work.includes("read") || ALSO_VERIFIED.has(work)) &&
    !work.startsWith("open") &&
    work !== "slow-reader"
  );
}

function jobOf(
  made: Case,
  party: PartyName,
  server: Server,
  rounds: readonly number[],
  verify: boolean,
): Job {
  const reads = made.work === "read" || made.work === "unary-read";
  const run = reads && server.name !== "minimal" ? "loaded" : `${++runs}${verify ? "verify" : ""}`;
  return {
    party,
    work: made.work,
    endpoint: server.endpoint,
    basin: BASIN,
    stream: streamName(made.shape, run),
    format: made.format,
    shape: made.shape,
    rounds,
    start: server.readStart,
    verify,
    inflightBytes: INFLIGHT_BYTES,
    inflightBatches: server.name === "minimal" ? 0 : INFLIGHT_BATCHES,
    by: made.by,
    transport: made.transport,
    tails: made.tails,
  };
}

function verifyingJob(made: Case, party: PartyName, server: Server): Job {
  const { batch, size } = made.shape;
  const records = Math.min(VERIFIED_RECORDS, made.cold, VERIFIED_BYTES / size);
  return jobOf(made, party, server, [Math.max(1, Math.floor(records / batch)) * batch], true);
}

function measuringJob(made: Case, party: PartyName, server: Server, settings: RunSettings): Job {
  return jobOf(made, party, server, roundsOf(made, server, settings), false);
}

function roundsOf(made: Case, server: Server, settings: RunSettings): number[] {
  const endToEnd = made.group === "calls" ? END_TO_END_CALLS_SHARE : END_TO_END_SHARE;
  const share = settings.share * (server.name === "minimal" ? 1 : endToEnd);
  // What is done once, or once for each tail, is not divided.
  const unit = made.work === "tails" ? made.tails : made.shape.batch;
  const part = (records: number): number =>
    records === 0 ? 0 : Math.max(1, Math.round(records / share / unit)) * unit;
  const warm = part(made.warm);
  return [part(made.cold), ...(warm === 0 ? [] : Array.from({ length: WARM_ROUNDS }, () => warm))];
}

/** Gives a real server the records that the case reads. */
async function load(made: Case, server: Server, settings: RunSettings): Promise<void> {
  if (server.name === "minimal" || (made.work !== "read" && made.work !== "unary-read")) return;
  const most = Math.max(VERIFIED_RECORDS, ...roundsOf(made, server, settings));
  const job = jobOf(made, "floor", server, [Math.ceil(most / made.shape.batch) * made.shape.batch], false);
  const { appended } = await server.seen(job.stream);
  if ((appended.count ?? 0) > 0) return;
  await runClient({ ...job, work: "append", transport: "s2s" }, settings.paths);
}

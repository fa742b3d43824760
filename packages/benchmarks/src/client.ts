/**
 * One client process: does the job given as JSON in its first argument, prints the result as JSON in one line.
 * Only the party that is measured is loaded.
 */
import { peakMemory, residentMemory, startMeter } from "./client/measure.js";
import type { Party, Worker } from "./client/worker.js";
import type { ClientResult, Job, PartyName, Round } from "./job.js";

const PARTIES: Record<Exclude<PartyName, "rust">, () => Promise<{ party: Party }>> = {
  ours: () => import("./client/ours.js"),
  observed: () => import("./client/observed.js"),
  bridge: () => import("./client/bridge.js"),
  published: () => import("./client/published.js"),
  floor: () => import("./client/floor.js"),
  parse: () => import("./client/parse.js"),
};

/** What a user imports; for the floor, what any of them needs. */
const ENTRIES: Partial<Record<PartyName, () => Promise<unknown>>> = {
  ours: () => import("@s2-dev/streamstore"),
  published: () => import("published-streamstore"),
  floor: () => import("node:http2"),
};

const job = JSON.parse(process.argv[2] ?? "") as Job;
const worker = await workerOf(job);
const baseMemory = residentMemory();
const rounds: Round[] = [];
for (const records of job.rounds) {
  const meter = startMeter();
  const more = await worker(records);
  rounds.push({ ...meter.stop(records), ...more });
}
const result: ClientResult = { rounds, baseMemory, peakMemory: peakMemory() };
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));

async function workerOf({ party, work }: Job): Promise<Worker> {
  const load = ENTRIES[party];
  if (work === "import" && load !== undefined) {
    return async () => {
      await load();
    };
  }
  const { party: made } = await PARTIES[party as keyof typeof PARTIES]();
  const make = made[work];
  if (make === undefined) throw new Error(`${party} cannot do ${work}`);
  return make(job);
}

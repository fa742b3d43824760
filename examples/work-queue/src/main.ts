import { fork } from "node:child_process";
import { S2 } from "@s2-dev/streamstore";
import { laneOf, type OpenJob, openJobs } from "./lane.js";
import { workOff } from "./worker.js";

const LANES = 2;
const JOBS = 12;
const MAX_FAILURES = 3;
const TTL = 1500;

const s2 = new S2();
const basin = s2.basin(process.env.S2_BASIN ?? "my-favourite-basin");
const [, , command, queue = crypto.randomUUID()] = process.argv;
// Others in each run; the worker that dies is told which.
const lanes = Array.from({ length: LANES }, (_, lane) => basin.stream(`work/${queue}/${lane}`));

/** A worker in a process of its own that dies in the middle of its third job, still holding its lease. */
async function crash(): Promise<void> {
  let begun = 0;
  const work = async (job: OpenJob): Promise<void> => {
    begun += 1;
    if (begun < 3) return;
    await new Promise((sent) => process.send?.(job.name, sent));
    process.kill(process.pid, "SIGKILL");
    await new Promise(() => {});
  };
  await workOff(lanes[0]!, { name: "doomed", work, ttlMillis: TTL, maxFailures: MAX_FAILURES });
}

async function main(): Promise<void> {
  for (let index = 0; index < JOBS; index += 1) {
    await laneOf(lanes[index % LANES]!).append({ name: `job-${index}` }, { type: "job" });
  }

  const doomed = fork(process.argv[1] ?? "", ["crash", queue]);
  doomed.once("message", (job) => console.log(`a worker dies in the middle of ${job}`));
  await new Promise((resolve) => doomed.once("exit", resolve));

  // Two workers a lane: one works, the other waits for the lease. The dead one's runs out by itself.
  const names = ["ann", "bob", "cid", "dee"];
  const work = async ({ name }: OpenJob): Promise<void> => {
    if (name === "job-5") throw new Error("this one never works");
  };
  const done = await Promise.all(
    names.map((name, index) =>
      workOff(lanes[index % LANES]!, { name, work, ttlMillis: TTL, maxFailures: MAX_FAILURES }),
    ),
  );
  console.log(`the others did ${done.reduce((sum, count) => sum + count, 0)} jobs`);

  let recorded = 0;
  for (const lane of lanes) {
    const seen = new Set<number>();
    for (const { type, value } of await laneOf(lane).read()) {
      if (type !== "done") continue;
      if (seen.has(value.job)) throw new Error(`${lane.name}: job ${value.job} was recorded twice`);
      seen.add(value.job);
    }
    recorded += seen.size;
  }
  const left = (await Promise.all(lanes.map((lane) => openJobs(lane, Number.POSITIVE_INFINITY)))).flat();
  console.log(`${recorded} of ${JOBS} are done, each recorded once`);
  for (const { name, failures } of left)
    console.log(`${name} failed ${failures} times and is left to people`);
}

if (command === "crash") await crash();
else await main();
await s2.close();

import type { Job, Round, WorkName } from "../job.js";

/** Does one round of so many records; what it returns is added to the round's result. */
export type Worker = ((records: number) => Promise<Partial<Round>>) | ((records: number) => Promise<void>);

/** What a party can do. Making a worker may take its time: only rounds are measured. */
export type Party = Partial<Record<WorkName, (job: Job) => Worker | Promise<Worker>>>;

/** Runs an operation again and again, noting how long each took, in microseconds. */
export async function timed(
  times: number,
  operation: (index: number) => Promise<unknown>,
): Promise<number[]> {
  const latencies: number[] = [];
  for (let index = 0; index < times; index++) {
    const started = performance.now();
    await operation(index);
    latencies.push((performance.now() - started) * 1000);
  }
  return latencies;
}

export function sleep(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}

/** So long that nobody sends again because the machine was busy, in milliseconds. */
export const REQUEST_TIMEOUT = 60_000;

/** How long a slow consumer does nothing, in milliseconds. */
export const SLOW_READER_PAUSE = 1500;

/** The stream of one tail of many. */
export function tailOf(job: Job, index: number): string {
  return `${job.stream}.tail${index}`;
}

/** Makes the minimal server give every open tail so many batches. */
export async function publish(job: Job, batches: number): Promise<void> {
  const { get } = await import("node:http");
  const url = `${job.endpoint}/publish?stream=${encodeURIComponent(job.stream)}&start=${job.start}&batches=${batches}`;
  await new Promise<void>((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      response.resume();
      response.on("end", resolve);
    }).on("error", reject);
  });
}

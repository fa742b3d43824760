import { READ_START, readJson } from "../fixture/read-batches.js";
import type { Job } from "../job.js";
import type { Party, Worker } from "./worker.js";

interface Batch {
  readonly records: { readonly seq_num: number; readonly body: string }[];
}

/** Only `JSON.parse`, of the text that the events of the same read hold. */
function read(job: Job): Worker {
  const batches = readJson(job.shape, job.format === "bytes");
  const texts = Array.from({ length: 16 }, (_, index) => batches.at(READ_START, index).toString());
  return async (records) => {
    let count = 0;
    for (let index = 0; count < records; index++) {
      count += (JSON.parse(texts[index % texts.length]!) as Batch).records.length;
    }
    if (count !== records) throw new Error("rounds of whole batches only");
  };
}

export const party: Party = { read };

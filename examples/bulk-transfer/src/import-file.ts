import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { type AppendRecordInput, isS2Error, type S2Stream, SeqNumMismatchError } from "@s2-dev/streamstore";
import { readLast } from "@s2-dev/streamstore-patterns/reading";
import { AppendAllError, appendAll } from "@s2-dev/streamstore-patterns/writing";
import { linesOf } from "./lines.js";
import { END, type Transfer, type TransferOptions } from "./transfer.js";

/** The place in the file is looked up once in so many lines, to tell how far it is. */
const MARK_EVERY = 256;

/** How often an import looks anew where the stream ends, before it gives up. */
const MAX_LOOKS = 5;

/**
 * Appends the lines of a file, each as a record that says where in the file it ends. So the last record of the stream says
 * where to go on: an import that was stopped, however, is begun again with the same arguments. Every append demands its
 * place, so no line is there twice; when what a stopped run had sent lands in between, this one goes on behind that.
 */
export async function importFile(
  stream: S2Stream,
  path: string,
  options: TransferOptions = {},
): Promise<Transfer> {
  for (let looks = 1; ; looks += 1) {
    try {
      return await importRest(stream, path, options);
    } catch (error) {
      const isOvertaken = error instanceof AppendAllError && error.cause instanceof SeqNumMismatchError;
      if (!isOvertaken || looks === MAX_LOOKS) throw error;
    }
  }
}

async function importRest(
  stream: S2Stream,
  path: string,
  { signal, onProgress }: TransferOptions,
): Promise<Transfer> {
  const { size } = await stat(path);
  const { seqNum, offset } = await endOfImport(stream);
  if (offset > size) throw new Error(`${stream.name} holds more than ${path}: ${offset} bytes, not ${size}`);

  const marks: { records: number; offset: number }[] = [];
  let taken = 0;
  async function* records(): AsyncGenerator<AppendRecordInput> {
    const chunks = createReadStream(path, { start: offset, highWaterMark: 1024 * 1024 });
    for await (const { body, end } of linesOf(chunks as AsyncIterable<Buffer>, offset)) {
      taken += 1;
      if (taken % MARK_EVERY === 0) marks.push({ records: taken, offset: end });
      yield { body, headers: { [END]: String(end) } };
    }
    marks.push({ records: taken, offset: size });
  }

  let durable = offset;
  const { records: count } = await appendAll(stream, records(), {
    match_seq_num: seqNum,
    signal,
    onProgress({ records }) {
      while (marks[0] !== undefined && marks[0].records <= records)
        durable = marks.shift()?.offset ?? durable;
      onProgress?.({ bytes: durable, total: size });
    },
  });
  return { from: offset, bytes: size - offset, records: count };
}

/** What the stream has of the file. A stream that does not exist has nothing, and is made by the first append. */
async function endOfImport(stream: S2Stream): Promise<{ seqNum: number; offset: number }> {
  try {
    const [last] = await readLast(stream, 1);
    if (last === undefined) return { seqNum: 0, offset: 0 };
    const { [END]: end } = last.headers;
    if (end === undefined) throw new Error(`${stream.name}: record ${last.seq_num} is of no import`);
    return { seqNum: last.seq_num + 1, offset: Number(end) };
  } catch (error) {
    if (isS2Error(error) && error.status === 404) return { seqNum: 0, offset: 0 };
    throw error;
  }
}

import { type FileHandle, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import type { S2Stream } from "@s2-dev/streamstore";
import { readAll, readLast } from "@s2-dev/streamstore-patterns/reading";
import { END, type Transfer, type TransferOptions } from "./transfer.js";

/** How many bytes may have to be read again after a crash. */
const CHECKPOINT_BYTES = 8 * 1024 * 1024;

/** How much of the file is safely on the disk, and which record comes next. */
interface Checkpoint {
  readonly bytes: number;
  readonly seqNum: number;
}

/**
 * Writes an imported stream to a file, byte for byte what was imported. The file appears when it is whole; until then what
 * there is of it lies in `PATH.part`, and `PATH.part.json` says how much of that counts. So an export that was stopped,
 * however, is begun again with the same arguments.
 */
export async function exportFile(
  stream: S2Stream,
  path: string,
  { signal, onProgress }: TransferOptions = {},
): Promise<Transfer> {
  const part = `${path}.part`;
  const note = `${part}.json`;
  const total = await sizeOf(stream);
  const start = await readCheckpoint(note);
  const file = await open(part, start.bytes === 0 ? "w" : "r+");
  let { bytes, seqNum } = start;
  try {
    // What was written behind the checkpoint is written again.
    await file.truncate(bytes);
    let saved = bytes;
    for await (const batch of readAll(stream, { seq_num: seqNum, as: "bytes" }, { signal }).batches()) {
      const { pieces, end } = piecesOf(batch.records, bytes, stream.name);
      await writeAll(file, pieces, bytes);
      bytes = end;
      seqNum += batch.records.length;
      if (bytes - saved >= CHECKPOINT_BYTES) {
        await writeCheckpoint(file, note, { bytes, seqNum });
        saved = bytes;
      }
      onProgress?.({ bytes, total });
    }
  } finally {
    await writeCheckpoint(file, note, { bytes, seqNum });
    await file.close();
  }
  await rename(part, path);
  await rm(note);
  return { from: start.bytes, bytes: bytes - start.bytes, records: seqNum - start.seqNum };
}

/** Lines with the ends that they had: each record says where in the file it ends. */
function piecesOf(
  records: readonly { seq_num: number; body: Uint8Array; headers: [Uint8Array, Uint8Array][] }[],
  start: number,
  name: string,
): { pieces: Uint8Array[]; end: number } {
  const pieces: Uint8Array[] = [];
  let at = start;
  for (const { seq_num, body, headers } of records) {
    const header = headers.find(([key]) => String(Buffer.from(key)) === END);
    const end = Number(String(Buffer.from(header?.[1] ?? [])));
    const newline = end - at - body.length;
    if (header === undefined || newline < 0 || newline > 1) {
      throw new Error(`${name}: record ${seq_num} does not follow the one before it`);
    }
    pieces.push(body);
    if (newline === 1) pieces.push(NEWLINE);
    at = end;
  }
  return { pieces, end: at };
}

const NEWLINE = Buffer.from("\n");

async function writeAll(file: FileHandle, pieces: readonly Uint8Array[], position: number): Promise<void> {
  const bytes = Buffer.concat(pieces);
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}

async function sizeOf(stream: S2Stream): Promise<number> {
  const [last] = await readLast(stream, 1);
  return Number(last?.headers[END] ?? 0);
}

async function readCheckpoint(note: string): Promise<Checkpoint> {
  try {
    return JSON.parse(await readFile(note, "utf8")) as Checkpoint;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { bytes: 0, seqNum: 0 };
    throw error;
  }
}

/** First the bytes, then the note that they count. */
async function writeCheckpoint(file: FileHandle, note: string, checkpoint: Checkpoint): Promise<void> {
  await file.sync();
  await writeFile(`${note}.next`, JSON.stringify(checkpoint), { flush: true });
  await rename(`${note}.next`, note);
}

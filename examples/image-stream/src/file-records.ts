import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import type { AppendRecordInput, S2Stream } from "@s2-dev/streamstore";
import { readAll } from "@s2-dev/streamstore-patterns/reading";
import { appendAll } from "@s2-dev/streamstore-patterns/writing";

/** Bytes of the file in one record: a fourth of what a record may hold, so that batches fill. */
const CHUNK = 256 * 1024;

const NAME = "file-name";
const TYPE = "file-type";
const SHA256 = "file-sha256";

/** A file, and how it lies in its stream. */
export interface StoredFile {
  readonly name: string;
  /** Media type. */
  readonly type: string;
  readonly bytes: number;
  readonly records: number;
  readonly sha256: string;
}

/**
 * Appends a file: a record that names it, its bytes, and a record with the SHA-256 of what was read. The file is read
 * once, and no more of it is in memory than is on its way. Rejects unless all of it is durable.
 */
export async function sendFile(stream: S2Stream, path: string, type: string): Promise<StoredFile> {
  const name = basename(path);
  // A file that is not there leaves nothing on the stream.
  const { size: bytes } = await stat(path);
  const hash = createHash("sha256");
  let sha256 = "";
  async function* records(): AsyncGenerator<AppendRecordInput> {
    yield { headers: { [NAME]: name, [TYPE]: type } };
    for await (const body of createReadStream(path, { highWaterMark: CHUNK }) as AsyncIterable<Uint8Array>) {
      hash.update(body);
      yield { body };
    }
    sha256 = hash.digest("hex");
    yield { headers: { [SHA256]: sha256 } };
  }
  // Into a new stream, and each batch demands its place: one whose acknowledgement is lost does not land twice.
  const sent = await appendAll(stream, records(), { match_seq_num: 0 });
  return { name, type, bytes, records: sent.records, sha256 };
}

/**
 * Writes the file of a stream to `path`, chunk by chunk as it is read. It appears there only when it is whole.
 * @throws Error when the last record is missing, or the bytes are not those that were sent.
 */
export async function receiveFile(stream: S2Stream, path: string): Promise<StoredFile> {
  const hash = createHash("sha256");
  const seen = { headers: {} as Record<string, string>, bytes: 0, records: 0 };
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const { body, headers } of readAll(stream, { as: "bytes" })) {
      seen.records += 1;
      for (const [key, value] of headers) seen.headers[String(Buffer.from(key))] = String(Buffer.from(value));
      if (headers.length > 0) continue;
      seen.bytes += body.length;
      hash.update(body);
      yield body;
    }
  }
  const part = `${path}.part`;
  try {
    await pipeline(chunks, createWriteStream(part));
    const sha256 = hash.digest("hex");
    const { [NAME]: name = "", [TYPE]: type = "", [SHA256]: expected } = seen.headers;
    if (expected === undefined) throw new Error(`${stream.name}: the file was not sent to its end`);
    if (sha256 !== expected) throw new Error(`${stream.name}: the bytes are not those that were sent`);
    await rename(part, path);
    return { name, type, bytes: seen.bytes, records: seen.records, sha256 };
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

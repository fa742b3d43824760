import {
  parseJsonExactly,
  positionFromJson,
  protocolError,
  S2Error,
  unsignedFromJson,
} from "@s2-dev/streamstore-core/client";
import type { DecodedBatch, ReadFormat, RecordFormat } from "@s2-dev/streamstore-core/transport";

type Data = string | Uint8Array;
type Pair = readonly [name: Data, value: Data];
type Batch<F extends RecordFormat> = Omit<DecodedBatch<F>, "meteredBytes">;

/** As a server should send it. What is otherwise fails when it is taken for this. */
interface WireBatch {
  readonly records: readonly {
    readonly seq_num: unknown;
    readonly timestamp: unknown;
    readonly body?: unknown;
    readonly headers?: readonly (readonly [name: unknown, value: unknown])[];
  }[];
  readonly tail?: unknown;
}

const NO_PAIRS: readonly Pair[] = /* @__PURE__ */ Object.freeze([]) as unknown as readonly Pair[];
const NO_HEADERS = /* @__PURE__ */ Object.freeze({});

/**
 * Decodes the JSON of a batch into the records that core's decoder gives (a test compares them), in a quarter of its code:
 * that one has one memory for all bytes of a batch, and a message for each way in which it can be malformed.
 * @throws any error when it is malformed.
 */
export function batchFromJson<F extends RecordFormat>(text: string, format: ReadFormat<F>): Batch<F> {
  try {
    return decode(JSON.parse(text), format);
  } catch {
    // An integer that was rounded is looked up where its digits are; what is wrong otherwise is so again.
    return decode(parseJsonExactly(text) as WireBatch, format);
  }
}

function decode<F extends RecordFormat>(batch: WireBatch, { as, unsafeTimestamps }: ReadFormat<F>): Batch<F> {
  const read = as === "bytes" ? bytesOf : textOf;
  const decoded: unknown[] = [];
  const records = decoded as Batch<F>["records"];
  let tail: Batch<F>["tail"];
  let failure: S2Error | undefined;
  try {
    for (const { seq_num, timestamp, body = "", headers } of batch.records) {
      const headerList = headers?.map(([name, value]): Pair => [read(name), read(value)]) ?? NO_PAIRS;
      decoded.push({
        seq_num: unsignedFromJson(seq_num, "seq_num", "error"),
        timestamp: unsignedFromJson(timestamp, "timestamp", unsafeTimestamps),
        body: read(body),
        headers: as === "bytes" ? headerList : namesOf(headerList),
        headerList,
      });
    }
    if (batch.tail) tail = positionFromJson(batch.tail, "tail", unsafeTimestamps);
  } catch (thrown) {
    if (!(thrown instanceof S2Error && thrown.code === "UNSAFE_INTEGER")) throw thrown;
    // The records before it are good.
    failure = thrown;
  }
  return { records, tail, failure };
}

/** By name, the last of duplicates winning; a header called `__proto__` becomes a property like any other. */
function namesOf(pairs: readonly Pair[]): object {
  return pairs.length === 0 ? NO_HEADERS : Object.fromEntries(pairs);
}

function textOf(data: unknown): string {
  if (typeof data !== "string") throw protocolError("Data of a record is not a string");
  return data;
}

function bytesOf(data: unknown): Uint8Array {
  const characters = atob(textOf(data));
  const bytes = new Uint8Array(characters.length);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = characters.charCodeAt(index);
  return bytes;
}

import { createFakeClock, type FakeClock } from "@s2-dev/streamstore-core/testing";
import type { AppendInput } from "../src/service/append-input.js";
import { DEFAULT_BASIN, EMPTY_LAYER, type StreamConfigLayer } from "../src/service/configs.js";
import { ServiceError } from "../src/service/errors.js";
import type { AppendAck } from "../src/service/pending-replies.js";
import type { ReadRequest } from "../src/service/read-bounds.js";
import type { ReadOutput, ReadSession } from "../src/service/read-session.js";
import type { BasinRow, StreamRow } from "../src/service/rows.js";
import { createService, type Service } from "../src/service/service.js";
import { createMemoryStorage } from "../src/storage/memory-storage.js";
import { RecordCursor } from "../src/storage/record-cursor.js";
import type { Storage } from "../src/storage/storage.js";
import type { U64 } from "../src/storage/u64.js";

export const BASIN = "test-basin";
/** The wall time at which a harness begins. */
export const START = 1_700_000_000_000;

/** A record to append, in short. */
export interface ShortRecord {
  readonly body?: string | Uint8Array;
  readonly headers?: readonly (readonly [string, string])[];
  readonly timestamp?: U64;
}

/** A service with one basin and one stream `s`, on a clock that stands still. */
export interface Harness {
  readonly service: Service;
  readonly clock: FakeClock;
  append(records: readonly ShortRecord[], conditions?: Conditions, stream?: string): Promise<AppendAck>;
  open(request?: Partial<ReadRequest>, stream?: string): Promise<ReadSession>;
  /** Everything that a read gives until it ends or begins to follow, as `seq:body`. */
  read(request?: Partial<ReadRequest>, stream?: string): Promise<string[]>;
}

export interface Conditions {
  readonly match_seq_num?: U64;
  readonly fencing_token?: string;
}

export interface HarnessOptions {
  readonly config?: Partial<StreamConfigLayer>;
  readonly storage?: Storage<BasinRow, StreamRow>;
  readonly deletionMs?: number;
  readonly appendInflightBytes?: number;
  readonly random?: () => number;
}

export async function createHarness(options: HarnessOptions = {}): Promise<Harness> {
  const fake = createFakeClock();
  const clock = Object.assign(fake, { epoch: () => START + fake.now() });
  const service = await createService({
    storage: options.storage ?? createMemoryStorage<BasinRow, StreamRow>(),
    clock,
    random: options.random ?? (() => 0),
    deletionMs: options.deletionMs,
    appendInflightBytes: options.appendInflightBytes,
  });
  await service.basins.create(BASIN, DEFAULT_BASIN, undefined);
  await service.streams.create(BASIN, "s", { ...EMPTY_LAYER, ...options.config }, undefined);

  const open: Harness["open"] = (request = {}, stream = "s") =>
    service.records.read({ basin: BASIN, stream }, readRequest(request));
  return {
    service,
    clock,
    async append(records, conditions = {}, stream = "s") {
      const opening = await service.records.openAppend({ basin: BASIN, stream });
      return opening.append(appendInput(records, conditions));
    },
    open,
    async read(request, stream) {
      const session = await open(request, stream);
      const found: string[] = [];
      for (let output = await session.next(); output?.kind === "records"; output = await session.next()) {
        found.push(...textsOf(output));
      }
      session.close();
      return found;
    },
  };
}

export function readRequest(request: Partial<ReadRequest>): ReadRequest {
  return {
    from: { kind: "seq_num", value: 0 },
    clamp: false,
    count: undefined,
    bytes: undefined,
    until: undefined,
    waitSecs: undefined,
    ...request,
  };
}

export function appendInput(records: readonly ShortRecord[], conditions: Conditions = {}): AppendInput {
  return {
    records: records.map(({ body = "", headers = [], timestamp }) => ({
      timestamp,
      headers: headers.map(([name, value]) => [Buffer.from(name), Buffer.from(value)] as const),
      body: typeof body === "string" ? Buffer.from(body) : body,
    })),
    match_seq_num: conditions.match_seq_num,
    fencing_token: conditions.fencing_token,
  };
}

/** Records with these bodies. */
export function bodies(...texts: readonly string[]): ShortRecord[] {
  return texts.map((body) => ({ body }));
}

export function fence(token: string): ShortRecord {
  return { headers: [["", "fence"]], body: token };
}

export function trim(point: U64): ShortRecord {
  const body = Buffer.alloc(8);
  body.writeBigUInt64BE(BigInt(point));
  return { headers: [["", "trim"]], body };
}

/** The records of an output as `seq:body`. */
export function textsOf(output: Extract<ReadOutput, { kind: "records" }>): string[] {
  const texts: string[] = [];
  for (const chunk of output.chunks) {
    const cursor = new RecordCursor(chunk);
    while (cursor.next()) texts.push(`${cursor.seqNum}:${Buffer.from(cursor.body).toString()}`);
  }
  return texts;
}

/** An output as one word: its records, and `tail=` when it has one; or `heartbeat`; or `end`. */
export function wordOf(output: ReadOutput | null): string {
  if (output === null) return "end";
  if (output.kind === "heartbeat") return `heartbeat tail=${output.tail.seq_num}`;
  const tail = output.tail === undefined ? "" : ` tail=${output.tail.seq_num}`;
  return `${textsOf(output).join(" ")}${tail}`;
}

/** What a promise is refused with: the code, or the body of a 412 or 416. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ServiceError)) throw new Error(`expected a refusal, got ${String(error)}`);
  return error.code ?? `${error.status} ${error.body}`;
}

/** What a consumer does on both transports, whatever its kind of module; the classes come from the surroundings. */
const WORK = `
  const local = await startLocal();
  const s2 = new S2({ accessToken: "ignored", endpoints: local.endpoints });
  await s2.basins.create({ basin: "test-basin", config: { create_stream_on_append: true } });
  for (const forceTransport of ["s2s", "fetch"]) {
    const stream = s2.basin("test-basin").stream(forceTransport, { forceTransport });
    await stream.append(AppendRecord.make("unary", { a: "b" }));
    const session = await stream.appendSession();
    await session.submit({ body: new Uint8Array([104, 105]) });
    await session.close();
    const bodies = [];
    for await (const { body } of await stream.readSession({ seq_num: 0, count: 2 })) bodies.push(body);
    const refused = await stream.append({ body: "x" }, { match_seq_num: 9 }).catch((error) => error);
    console.log(forceTransport, bodies.join(), refused instanceof SeqNumMismatchError && refused.expectedSeqNum);
  }
  await local.close();
`;

/** What a consumer does with the names of 0.21 to 0.27. */
const NEWER_WORK = `
  const local = await startLocal();
  const s2 = new S2({ accessToken: "ignored", endpoints: local.endpoints });
  await s2.basins.create({ basin: "test-basin", config: { createStreamOnAppend: true } });
  for (const forceTransport of ["s2s", "fetch"]) {
    const stream = s2.basin("test-basin").stream(forceTransport, { forceTransport });
    const record = (body) => AppendInput.create([AppendRecord.string({ body })]);
    await stream.append(record("unary"));
    const session = await stream.appendSession();
    await (await session.submit(record("hi"))).ack();
    await session.close();
    const bodies = [];
    const range = { start: { from: { seqNum: 0 } }, stop: { limits: { count: 2 } } };
    for await (const { body } of await stream.readSession(range)) bodies.push(body);
    const unmet = AppendInput.create([AppendRecord.string({ body: "x" })], { matchSeqNum: 9 });
    const refused = await stream.append(unmet).catch((error) => error);
    console.log(forceTransport, bodies.join(), refused instanceof SeqNumMismatchError && refused.expectedSeqNum);
  }
  await local.close();
`;

/** Programs of a consumer, by file name, that print what `OUTPUT` says. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  "program.mjs": `
import { AppendRecord, S2, SeqNumMismatchError } from "@s2-dev/streamstore";
import { startLocal } from "@s2-dev/streamstore-local";
{${WORK}}
`,
  "program.cjs": `
const { AppendRecord, S2, SeqNumMismatchError } = require("@s2-dev/streamstore");
const { startLocal } = require("@s2-dev/streamstore-local");
void (async () => {${WORK}})();
`,
  "newer.mjs": `
import { AppendInput, AppendRecord, S2, SeqNumMismatchError } from "@s2-dev/streamstore/camel";
import { startLocal } from "@s2-dev/streamstore-local";
{${NEWER_WORK}}
`,
  "newer.cjs": `
const { AppendInput, AppendRecord, S2, SeqNumMismatchError } = require("@s2-dev/streamstore/camel");
const { startLocal } = require("@s2-dev/streamstore-local");
void (async () => {${NEWER_WORK}})();
`,
};

export const OUTPUT = "s2s unary,hi 2\nfetch unary,hi 2\n";

/** Throws unless errors of the ESM and of the CJS copy are instances of each other's classes. */
export const TWO_COPIES = `
import { createRequire } from "node:module";
import * as esm from "@s2-dev/streamstore";
const cjs = createRequire(import.meta.url)("@s2-dev/streamstore");
const thrownBy = ({ S2 }) => { try { new S2({ accessToken: " " }); } catch (error) { return error; } };
const others = thrownBy(cjs);
console.log(esm.S2Error === cjs.S2Error, others instanceof esm.S2Error, others instanceof esm.SeqNumMismatchError);
`;

/** What compiles in a consumer, after the imports of its kind. */
const TYPED = `
export async function work(): Promise<number> {
  const s2 = new S2({ accessToken: "token", retry: { maxAttempts: 3 } });
  await using stream: S2Stream = s2.basin("test-basin").stream("events", { forceTransport: "fetch" });
  const records: AppendRecord[] = [AppendRecord.make("text", { a: "b" }), { body: new Uint8Array() }];
  const ack: AppendAck = await stream.append(records, { match_seq_num: 0 });
  const batch: ReadBatch<"bytes"> = await stream.read({ seq_num: 0, as: "bytes" });
  let total = ack.end.seq_num;
  for (const { body } of batch.records) total += body.length;
  for await (const { body } of await stream.readSession({ tail_offset: 1 })) total += body.length;
  // @ts-expect-error an option that does not exist
  await stream.read({ seqNum: 0 });
  // @ts-expect-error a string has no such member: the types are not any
  for (const { body } of (await stream.read()).records) body.byteLength;
  return total;
}
`;

const NAMES = `AppendRecord, S2, type AppendAck, type ReadBatch, type S2Stream`;

/** What compiles with the entries of the patterns. */
const PATTERNS = `
import { restoreCursor, type StreamCursor } from "@s2-dev/streamstore-patterns/cursor";
import { acquireLease } from "@s2-dev/streamstore-patterns/lease";
import { readAll } from "@s2-dev/streamstore-patterns/reading";
import { chunkBytes } from "@s2-dev/streamstore-patterns/serialization";
import { eventStreamResponse } from "@s2-dev/streamstore-patterns/sse";
import { issueReaderToken } from "@s2-dev/streamstore-patterns/tokens";
import { type StandardSchema, typed } from "@s2-dev/streamstore-patterns/typed";
import { appendAll } from "@s2-dev/streamstore-patterns/writing";
declare const schema: StandardSchema<{ id: string }, { id: string; count: number }>;
export async function typedPatterns(s2: S2, stream: S2Stream, request: Request): Promise<Response> {
  const cursor: StreamCursor = restoreCursor("", stream);
  await using lease = await acquireLease(stream, { owner: "me" });
  for await (const { body } of readAll(stream, { as: "bytes", ...cursor.start() })) {
    // @ts-expect-error bytes have no such member: the types are not any
    body.toUpperCase();
    await appendAll(stream, chunkBytes(body, 9).map((body) => ({ body })), { fencing_token: lease.fencingToken });
  }
  const things = typed(stream, { schema, key: ({ id }) => id });
  // @ts-expect-error the id is missing
  await things.append({ name: "x" });
  for (const { value } of await things.read()) value.count.toFixed();
  // @ts-expect-error an expiry is required
  await issueReaderToken(s2.accessTokens, { basin: "test-basin", stream: "events" });
  return eventStreamResponse(request, stream);
}
`;

/** A project of a consumer: its files, and the compiler options under which they have to compile. */
export interface TypedProject {
  readonly files: Readonly<Record<string, string>>;
  readonly options: object;
}

export const TYPED_PROJECTS: Readonly<Record<string, TypedProject>> = {
  node16: {
    files: {
      "typed.mts": `import { ${NAMES} } from "@s2-dev/streamstore";
import { startLocal } from "@s2-dev/streamstore-local";
import { readAll as fromRoot, SerializingAppendSession } from "@s2-dev/streamstore-patterns";
${PATTERNS}
${TYPED}
export const others = [startLocal, SerializingAppendSession, fromRoot, typedPatterns];`,
      "typed.cts": `import { ${NAMES} } from "@s2-dev/streamstore";
import { startLocal } from "@s2-dev/streamstore-local";
${TYPED}
export const others = [startLocal];`,
    },
    options: { module: "node16", lib: ["ES2022"], types: ["node"] },
  },
  bundler: {
    files: {
      "typed.ts": `import { ${NAMES} } from "@s2-dev/streamstore";
${PATTERNS}
${TYPED}
export const others = [typedPatterns];`,
    },
    options: {
      module: "esnext",
      moduleResolution: "bundler",
      lib: ["ES2022", "DOM"],
      types: [],
    },
  },
};

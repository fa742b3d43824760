import type { S2AccessTokens, S2Stream } from "@s2-dev/streamstore";
import type { AppendSession, ReadSession } from "@s2-dev/streamstore-core";
import { describe, expect, it } from "vitest";
import {
  answerResponse,
  compactConversation,
  continueAnswer,
  resumeResponse,
  startAnswer,
  stopAnswer,
} from "../src/ai/index.js";
import { acquireLease, currentFencingToken } from "../src/lease/index.js";
import { catchUp, collect, readAll, readLast, resumeReading } from "../src/reading/index.js";
import { DeserializingReadSession, SerializingAppendSession } from "../src/serialization/index.js";
import { eventStreamResponse } from "../src/sse/index.js";
import { issueReaderToken, issueWriterToken } from "../src/tokens/index.js";
import { jsonCodec, typed } from "../src/typed/index.js";
import { appendAll } from "../src/writing/index.js";

/** Whatever is asked of it, it was asked too early. */
const untouched = <T extends object>(members: object = {}): T =>
  new Proxy(members, {
    get(target, name) {
      if (name in target) return Reflect.get(target, name);
      if (name === "then" || typeof name === "symbol") return undefined;
      return () => {
        throw new Error(`${String(name)} was used`);
      };
    },
    has: () => true,
  }) as T;

const stream = untouched<S2Stream>({ basin: "test-basin", name: "events" });
const tokens = untouched<S2AccessTokens>();
const session = untouched<AppendSession>();
const read = untouched<ReadSession<"bytes">>();
const request = new Request("http://localhost/");
const messages = typed(stream, { codec: jsonCodec() });
const place = { basin: "test-basin", stream: "events", expiresInMillis: 5 };

type Call = (options: never) => unknown;

const CALLS: readonly (readonly [what: string, given: string, meant: string, call: Call])[] = [
  ["collect", "maxbytes", "maxBytes", (options) => collect(stream, options)],
  ["readLast", "ignore_command_records", "ignoreCommandRecords", (options) => readLast(stream, 1, options)],
  ["resumeReading", "on_gap", "onGap", (options) => resumeReading(stream, 0, options)],
  ["appendAll", "matchSeqNum", "match_seq_num", (options) => appendAll(stream, [], options)],
  ["appendAll", "maxBatchrecords", "maxBatchRecords", (options) => appendAll(stream, [], options)],
  ["acquireLease", "ttlMs", "ttlMillis", (options) => acquireLease(stream, options)],
  ["acquireLease", "takeover", "takeOver", (options) => acquireLease(stream, options)],
  ["currentFencingToken", "look_back", "lookBack", (options) => currentFencingToken(stream, options)],
  [
    "eventStreamResponse",
    "heartbeatMs",
    "heartbeatMillis",
    (options) => eventStreamResponse(request, stream, options),
  ],
  ["eventStreamResponse", "seqNum", "seq_num", (options) => eventStreamResponse(request, stream, options)],
  [
    "issueReaderToken",
    "auto_prefix",
    "autoPrefix",
    (options) => issueReaderToken(tokens, Object.assign({ ...place }, options)),
  ],
  [
    "issueWriterToken",
    "allowwide",
    "allowWide",
    (options) => issueWriterToken(tokens, Object.assign({ ...place }, options)),
  ],
  [
    "typed",
    "maxframebytes",
    "maxFrameBytes",
    (options) => typed(stream, Object.assign({ codec: jsonCodec() }, options)),
  ],
  ["a typed append session", "fencing_token", "fencingToken", (options) => messages.appendSession(options)],
  ["a typed read session", "oninvalid", "onInvalid", (options) => messages.readSession(options)],
  ["a typed read", "max_bytes", "maxBytes", (options) => messages.read(options)],
  [
    "SerializingAppendSession",
    "match_seq_num",
    "matchSeqNum",
    (options) => new SerializingAppendSession(session, String as never, options),
  ],
  [
    "DeserializingReadSession",
    "enableDeDupe",
    "enableDedupe",
    (options) => new DeserializingReadSession(read, String, options),
  ],
  ["startAnswer", "linger", "lingerMillis", (options) => startAnswer(stream, options)],
  ["continueAnswer", "waituntil", "waitUntil", (options) => continueAnswer(stream, options)],
  [
    "answerResponse",
    "onStorefailure",
    "onStoreFailure",
    (options) => answerResponse(stream, () => [] as never, options),
  ],
  ["stopAnswer", "wait", "waitMillis", (options) => stopAnswer(stream, options)],
  [
    "resumeResponse",
    "crashGraceMs",
    "crashGraceMillis",
    (options) => resumeResponse(request, stream, options),
  ],
  [
    "compactConversation",
    "drop_foreign",
    "dropForeign",
    (options) => compactConversation(stream, (() => []) as never, options),
  ],
];

describe("an option that is spelt otherwise", () => {
  it.each(CALLS)(
    "is refused by %s before anything is asked of the stream: %s for %s",
    async (_, given, meant, call) => {
      const options = { [given]: 5 } as never;
      await expect((async () => call(options))()).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringMatching(`^${given} is not an option of .*: it is called ${meant}$`),
      });
    },
  );

  it.each(CALLS.filter(([, , , call]) => !String(call).includes("Object.assign")))(
    "so are options of %s that are none",
    async (_what, _given, _meant, call) => {
      await expect((async () => call(null as never))()).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining("must be an object; got null"),
      });
    },
  );

  it.each([null, 5, "all"])("so is %j as what to read", async (args) => {
    const refusal = {
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(/^what to read must be an object/),
    };
    await expect(catchUp(stream, args as never)).rejects.toMatchObject(refusal);
    await expect(
      readAll(stream, args as never)
        .batches()
        .next(),
    ).rejects.toMatchObject(refusal);
  });
});

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
import { createCursor } from "../src/cursor/index.js";
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

/** Options beside those that there must be. */
const beside = (needed: object, options: object | null): never =>
  (options === null ? null : { ...needed, ...options }) as never;

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
    (options) => issueReaderToken(tokens, beside(place, options)),
  ],
  [
    "issueWriterToken",
    "allowwide",
    "allowWide",
    (options) => issueWriterToken(tokens, beside(place, options)),
  ],
  [
    "typed",
    "maxframebytes",
    "maxFrameBytes",
    (options) => typed(stream, beside({ codec: jsonCodec() }, options)),
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
        message: expect.stringMatching(
          `^${given} is not an option of .*: it is called ${meant}(, whose unit is its own)?$`,
        ),
      });
    },
  );

  it.each(CALLS)("so are options of %s that are none", async (_what, _given, _meant, call) => {
    await expect((async () => call(null as never))()).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("must be an object; got null"),
    });
  });

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

const WRONG: readonly (readonly [what: string, named: RegExp, call: () => unknown])[] = [
  [
    "a lease that waits for 5000",
    /^wait must be true or false; got 5000/,
    () => acquireLease(stream, { wait: 5000 as never }),
  ],
  [
    "a lease that is taken over by text",
    /^takeOver must be .*"no"/,
    () => acquireLease(stream, { takeOver: "no" as never }),
  ],
  [
    "a lease whose session is none",
    /^session must have submit\(\); got 5/,
    () => acquireLease(stream, { session: 5 as never }),
  ],
  ["a lease of nothing", /^stream must have append\(\); got null/, () => acquireLease(null as never)],
  ["a look back of -1", /^lookBack must .* -1/, () => currentFencingToken(stream, { lookBack: -1 })],
  [
    "a cursor of nothing",
    /^the stream of a cursor must be an object; got null/,
    () => createCursor(null as never, 1),
  ],
  [
    "appending to nothing",
    /^where to append must be an object; got null/,
    () => appendAll(null as never, [{ body: "a" }]),
  ],
  [
    "progress told to no function",
    /^onProgress must be a function; got 5/,
    () => appendAll(stream, [{ body: "a" }], { onProgress: 5 as never }),
  ],
  [
    "events of nothing",
    /^stream must have readSession\(\); got null/,
    () => eventStreamResponse(request, null as never),
  ],
  [
    "events from a cursor that is no text",
    /^cursor must be text; got 5/,
    () => eventStreamResponse(request, stream, { cursor: 5 as never }),
  ],
  [
    "events encoded by no function",
    /^encode must be a function; got 5/,
    () => eventStreamResponse(request, stream, { encode: 5 as never }),
  ],
  [
    "events with commands by text",
    /^commands must be .*"no"/,
    () => eventStreamResponse(request, stream, { commands: "no" as never }),
  ],
  [
    "events under headers that are none",
    /^headers must be .* 5/,
    () => eventStreamResponse(request, stream, { headers: 5 as never }),
  ],
  [
    "events under a header that cannot be sent",
    /^headers must be headers/,
    () => eventStreamResponse(request, stream, { headers: { "a b": "c" } }),
  ],
  [
    "events until a signal that is none",
    /^signal must be an AbortSignal; got 5/,
    () => eventStreamResponse(request, stream, { signal: 5 as never }),
  ],
  [
    "an answer resumed under headers that are none",
    /^headers must be .* 5/,
    () => resumeResponse(request, stream, { headers: 5 as never }),
  ],
  [
    "messages without a serializer",
    /^the serializer must be a function; got undefined/,
    () => new SerializingAppendSession(session, undefined as never),
  ],
  [
    "messages without a deserializer",
    /^the deserializer must be a function; got undefined/,
    () => new DeserializingReadSession(read, undefined as never),
  ],
  [
    "a typed append under null",
    /^the options of an append must .* null/,
    () => messages.append(1, {}, null as never),
  ],
  [
    "a typed batch under null",
    /^the options of an append must .* null/,
    () => messages.appendBatch([], null as never),
  ],
  [
    "a typed batch with a hole",
    /^messages\[1\] must be an object; got undefined/,
    () => messages.appendBatch(Object.assign([{ value: 1 }], { length: 2 })),
  ],
];

describe("before anything is asked of the stream", () => {
  it.each(WRONG)("%s is refused", async (_, named, call) => {
    await expect((async () => call())()).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(named),
    });
  });
});

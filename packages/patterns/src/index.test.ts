import { expect, it } from "vitest";
import * as ai from "./ai/index.js";
import * as cursor from "./cursor/index.js";
import * as patterns from "./index.js";
import * as lease from "./lease/index.js";
import * as reading from "./reading/index.js";
import * as sse from "./sse/index.js";
import * as tokens from "./tokens/index.js";
import * as typed from "./typed/index.js";
import * as writing from "./writing/index.js";

it("exports everything of every entry bare, messages in a namespace as well, and nothing else", () => {
  const { serialization, ...bare } = patterns;
  expect(bare).toEqual({
    ...ai,
    ...cursor,
    ...lease,
    ...reading,
    ...serialization,
    ...sse,
    ...tokens,
    ...typed,
    ...writing,
  });
  expect(Object.keys(bare).sort()).toEqual([
    "AppendAllError",
    "CursorMismatchError",
    "DEDUPE_SEQ_HEADER",
    "DEDUPE_SEQ_HEADER_BYTES",
    "DEDUPE_WRITER_UNIQ_ID",
    "DEFAULT_MAX_FRAME_BYTES",
    "DedupeFilter",
    "DeserializingReadSession",
    "FRAME_BYTES_HEADER",
    "FRAME_BYTES_HEADER_BYTES",
    "FRAME_RECORDS_HEADER",
    "FRAME_RECORDS_HEADER_BYTES",
    "FrameAssembler",
    "FrameSizeError",
    "InvalidMessageError",
    "LeaseHeldError",
    "LeaseLostError",
    "MAX_CHUNK_BODY_BYTES",
    "MAX_OWNER_BYTES",
    "ReplayGapError",
    "ScopedToken",
    "SerializingAppendSession",
    "WRITER_ID_HEADER",
    "WRITER_ID_HEADER_BYTES",
    "WRITER_UNIQ_ID",
    "WRITER_UNIQ_ID_BYTES",
    "acquireLease",
    "answerResponse",
    "appendAll",
    "catchUp",
    "chunkBytes",
    "collect",
    "compactConversation",
    "continueAnswer",
    "createCursor",
    "currentFencingToken",
    "cursorOf",
    "decodeU64",
    "encodeU64",
    "eventStreamResponse",
    "extractDedupeSeq",
    "findAnswer",
    "formatLeaseToken",
    "frameChunksToRecords",
    "injectDedupeHeaders",
    "issueReaderToken",
    "issueWriterToken",
    "jsonCodec",
    "parseCursor",
    "parseLeaseToken",
    "readAll",
    "readConversation",
    "readFencingToken",
    "readLast",
    "recordToJson",
    "restoreCursor",
    "resumeReading",
    "resumeResponse",
    "startAnswer",
    "stopAnswer",
    "typed",
    "upcast",
  ]);
});

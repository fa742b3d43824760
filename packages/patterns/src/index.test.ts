import { expect, it } from "vitest";
import * as patterns from "./index.js";

it("exports everything bare and in the namespace, and nothing else", () => {
  const { serialization, ...bare } = patterns;
  expect({ ...serialization }).toEqual(bare);
  expect(Object.keys(bare).sort()).toEqual([
    "DEDUPE_SEQ_HEADER",
    "DEDUPE_SEQ_HEADER_BYTES",
    "DedupeFilter",
    "DeserializingReadSession",
    "FRAME_BYTES_HEADER",
    "FRAME_BYTES_HEADER_BYTES",
    "FRAME_RECORDS_HEADER",
    "FRAME_RECORDS_HEADER_BYTES",
    "FrameAssembler",
    "FrameSizeError",
    "MAX_CHUNK_BODY_BYTES",
    "SerializingAppendSession",
    "WRITER_ID_HEADER",
    "WRITER_ID_HEADER_BYTES",
    "WRITER_UNIQ_ID",
    "WRITER_UNIQ_ID_BYTES",
    "chunkBytes",
    "decodeU64",
    "encodeU64",
    "extractDedupeSeq",
    "frameChunksToRecords",
    "injectDedupeHeaders",
  ]);
});

export { chunkBytes, MAX_CHUNK_BODY_BYTES } from "./chunk.js";
export { extractDedupeSeq, type HeadersTarget, injectDedupeHeaders } from "./dedupe.js";
export { DedupeFilter, type DedupeFilterOptions } from "./dedupe-filter.js";
export {
  DeserializingReadSession,
  type DeserializingReadSessionOptions,
} from "./deserializing-read-session.js";
export { type FramedRecord, type FrameMeta, frameChunksToRecords } from "./frame.js";
export {
  type AssemblerRecord,
  type CompletedFrame,
  DEFAULT_MAX_FRAME_BYTES,
  type DiscardedFrame,
  type DiscardReason,
  FrameAssembler,
  type FrameAssemblerOptions,
} from "./frame-assembler.js";
export { FrameSizeError } from "./frame-size-error.js";
export {
  DEDUPE_SEQ_HEADER,
  DEDUPE_SEQ_HEADER_BYTES,
  DEDUPE_WRITER_UNIQ_ID,
  FRAME_BYTES_HEADER,
  FRAME_BYTES_HEADER_BYTES,
  FRAME_RECORDS_HEADER,
  FRAME_RECORDS_HEADER_BYTES,
  WRITER_ID_HEADER,
  WRITER_ID_HEADER_BYTES,
  WRITER_UNIQ_ID,
  WRITER_UNIQ_ID_BYTES,
} from "./header-names.js";
export type { MessageRange } from "./message-queue.js";
export type { HeaderList } from "./reserved-headers.js";
export {
  SerializingAppendSession,
  type SerializingAppendSessionOptions,
} from "./serializing-append-session.js";
export { decodeU64, encodeU64 } from "./u64.js";

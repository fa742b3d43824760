import * as z from "zod/mini";
import { checkFencingToken } from "../model/fencing-token.js";
import type { AppendAck, StreamPosition } from "../model/position.js";
import type {
  AppendInput,
  GeneratedAppendRecord,
  GeneratedReadBatch,
  PingEventData,
  SequencedRecord,
  TailResponse,
} from "../model/records-on-wire.js";
import { describes, type Wide } from "./describes.js";
import { checked, u64 } from "./primitives.js";

const header = z.tuple([z.string(), z.string()]);
const fencingToken = checked(checkFencingToken, "fencing_token must be at most 36 bytes of UTF-8");

/** A record of a JSON append: a missing body is empty, a `null` one is refused. */
const appendRecord = describes<Wide<GeneratedAppendRecord>>()(
  z.object({ timestamp: z.nullish(u64), headers: z.optional(z.array(header)), body: z.optional(z.string()) }),
);

/** Body of a JSON append. Its limits are rules of another kind: the service answers those with 422. */
export const appendInput = describes<Wide<AppendInput>>()(
  z.object({
    records: z.array(appendRecord),
    match_seq_num: z.nullish(u64),
    fencing_token: z.nullish(fencingToken),
  }),
);

/** A position in an answer. */
export const streamPosition = describes<Wide<StreamPosition>>()(
  z.looseObject({ seq_num: u64, timestamp: u64 }),
);

/** Answer of `append`, in JSON. */
export const appendAck = describes<Wide<AppendAck>>()(
  z.looseObject({ start: streamPosition, end: streamPosition, tail: streamPosition }),
);

/** Answer of `check_tail`, and body of a 416. */
export const tailResponse = describes<Wide<TailResponse>>()(z.looseObject({ tail: streamPosition }));

const sequencedRecord = describes<Wide<SequencedRecord>>()(
  z.looseObject({
    seq_num: u64,
    timestamp: u64,
    headers: z.optional(z.array(header)),
    body: z.optional(z.string()),
  }),
);

/** Answer of a unary `read`, and data of an SSE `batch`, in JSON. */
export const readBatch = describes<Wide<GeneratedReadBatch>>()(
  z.looseObject({ records: z.array(sequencedRecord), tail: z.nullish(streamPosition) }),
);

/** Data of an SSE `ping`. */
export const pingEventData = describes<Wide<PingEventData>>()(
  z.looseObject({ timestamp: u64, tail: z.optional(streamPosition) }),
);

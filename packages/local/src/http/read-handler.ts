import { encodeReadBatch, readBatchToJson } from "@s2-dev/streamstore-core/wire";
import { invalid } from "../service/errors.js";
import { boundUnary, checkReadRange, type ReadFrom, type ReadRequest } from "../service/read-bounds.js";
import { type ReadRecords, readOnce } from "../service/read-session.js";
import { addU64, subtractU64 } from "../storage/u64.js";
import { answerBody, answerJson } from "./answer.js";
import { recordAccess } from "./append-handler.js";
import type { Call, Handler } from "./call.js";
import { serveEventStream } from "./event-stream-handler.js";
import { isEventStream, isFrames, isProtobuf, mediaType } from "./mime.js";
import { serveReadSession } from "./read-session-handler.js";
import { batchOf } from "./record-batch.js";
import { formatHeader, type LastEventId, lastEventIdHeader } from "./request-headers.js";

const PROTOBUF = { "content-type": "application/protobuf" } as const;
const JSON_TYPE = { "content-type": "application/json" } as const;

/** Reads records: at once, as events, or as session frames, as the request's headers say. */
export const read: Handler<"read"> = async (call) => {
  const { exchange, service, sessions, usage, basin } = call;
  const { headers } = exchange;
  const access = recordAccess(call);
  if (isFrames(mediaType(headers["content-type"]))) {
    const request = readRequest(call);
    checkReadRange(request);
    serveReadSession(call, await service.records.read(access, request));
    return;
  }
  const format = formatHeader(headers);
  const accept = mediaType(headers.accept);
  if (isEventStream(accept)) {
    const lastEventId = lastEventIdHeader(headers);
    const request = resumed(readRequest(call), lastEventId);
    checkReadRange(request);
    serveEventStream(call, await service.records.read(access, request), format, lastEventId);
    return;
  }
  const request = boundUnary(readRequest(call));
  checkReadRange(request);
  const session = await service.records.read(access, request);
  exchange.onClose(() => session.close());
  const leave = sessions.add(() => session.stopWaiting());
  const records = await readOnce(session).finally(leave);
  usage.unaryRead(basin, records.meteredBytes);
  if (isProtobuf(accept)) answerBody(exchange, 200, PROTOBUF, protobufOf(records));
  else answerBody(exchange, 200, JSON_TYPE, readBatchToJson(batchOf(records), format));
};

export const checkTail: Handler<"check_tail"> = async ({ exchange, service, basin, args }) => {
  answerJson(exchange, 200, { tail: await service.records.checkTail({ basin, stream: args.stream }) });
};

/** A `ReadBatch`: the records are stored as they stand in it. */
function protobufOf(records: ReadRecords): Uint8Array {
  const { chunks, tail } = records;
  return Buffer.concat(tail === undefined ? chunks : [...chunks, encodeReadBatch({ records: [], tail })]);
}

/** @throws ServiceError 422 for more than one start. */
function readRequest({ args }: Call<"read">): ReadRequest {
  const starts: ReadFrom[] = [];
  for (const kind of ["seq_num", "timestamp", "tail_offset"] as const) {
    const value = args[kind];
    if (value !== undefined) starts.push({ kind, value });
  }
  if (starts.length > 1) throw invalid("only one of seq_num, timestamp, or tail_offset can be provided");
  return {
    from: starts[0] ?? { kind: "tail_offset", value: 0 },
    clamp: args.clamp ?? false,
    count: args.count,
    bytes: args.bytes,
    until: args.until,
    waitSecs: args.wait === undefined ? undefined : Number(args.wait),
  };
}

/** Goes on behind the last event, with what is left of the bounds. */
function resumed(request: ReadRequest, last: LastEventId | undefined): ReadRequest {
  if (last === undefined) return request;
  const { count, bytes } = request;
  return {
    ...request,
    from: { kind: "seq_num", value: addU64(last.seqNum, 1) },
    count: count === undefined ? undefined : subtractU64(count, last.count),
    bytes: bytes === undefined ? undefined : subtractU64(bytes, last.bytes),
  };
}

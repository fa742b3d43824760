import {
  appendInputFromJson,
  CodecError,
  decodeAppendInput,
  encodeAppendAck,
  jsonErrorAt,
  type WireAppendInput,
} from "@s2-dev/streamstore-core/wire";
import { refuse, type ServiceCode } from "../service/errors.js";
import { fencingTokenFault } from "../service/names.js";
import type { AppendOpening, RecordAccess } from "../service/records.js";
import { answerBody, answerJson } from "./answer.js";
import { serveAppendSession } from "./append-session-handler.js";
import type { Call, Handler } from "./call.js";
import type { Exchange } from "./exchange.js";
import { collectJson } from "./json-body.js";
import { isFrames, isJson, isProtobuf, mediaType } from "./mime.js";
import { collectBody } from "./request-body.js";
import { encryptionKeyHeader, formatHeader, streamConfigHeader } from "./request-headers.js";

/** Appends a batch, or opens a session of appends, as the request's content type says. */
export const append: Handler<"append"> = async (call) => {
  const { exchange, service } = call;
  const type = mediaType(exchange.headers["content-type"]);
  const access = recordAccess(call);
  if (isFrames(type)) {
    await serveAppendSession(call, access);
    return;
  }
  const input = isProtobuf(type) ? await protobufInput(exchange) : await jsonInput(exchange, type);
  const opening = await service.records.openAppend(access);
  const ack = await opening.append(input);
  countAppends(call, opening)();
  if (isProtobuf(mediaType(exchange.headers.accept))) {
    answerBody(exchange, 200, { "content-type": "application/protobuf" }, encodeAppendAck(ack));
  } else answerJson(exchange, 200, ack);
};

/** What requests about records say in their headers. @throws ServiceError `bad_header` */
export function recordAccess({ exchange, basin, args }: Call<"append" | "read">): RecordAccess {
  return {
    basin,
    stream: args.stream,
    encryptionKey: encryptionKeyHeader(exchange.headers),
    config: streamConfigHeader(exchange.headers),
  };
}

/** Counts a minute of appends by this request's connection each time that it is called in another minute. */
export function countAppends(call: Call<"append">, { storageClass }: AppendOpening): () => void {
  const { usage, basin, args, streamPrefix, exchange } = call;
  return usage.appends(basin, streamPrefix + args.stream, storageClass, exchange.connection);
}

async function protobufInput(exchange: Exchange): Promise<WireAppendInput> {
  const body = await collectBody(exchange, "bad_proto");
  return decoding(() => decodeAppendInput(body));
}

async function jsonInput(exchange: Exchange, type: string | undefined): Promise<WireAppendInput> {
  const format = formatHeader(exchange.headers);
  if (!isJson(type)) throw refuse("bad_json", "Expected request with `Content-Type: application/json`");
  const text = await collectJson(exchange);
  const input = decoding(() => appendInputFromJson(text, format));
  // In JSON a name that breaks its rule is malformed JSON, elsewhere it is merely invalid.
  const fault = input.fencing_token === undefined ? undefined : fencingTokenFault(input.fencing_token);
  if (fault !== undefined) throw refuse("bad_json", jsonErrorAt(text, text.length, fault).message);
  return input;
}

/** Runs a decoder; what it refuses is refused with its own code. */
export function decoding<T>(decode: () => T, code?: ServiceCode): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof CodecError) throw refuse(code ?? error.code, error.message);
    throw error;
  }
}

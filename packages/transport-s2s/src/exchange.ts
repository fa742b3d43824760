import {
  type AttemptOptions,
  abortedError,
  createDeferred,
  onAbort,
  type S2Error,
  type WireRequest,
  type WireResponse,
} from "@s2-dev/streamstore-core/transport";
import { COMPRESSION_THRESHOLD_BYTES, errorFromResponse, protocolError } from "@s2-dev/streamstore-core/wire";
import { createBody } from "./body.js";
import type { Codec } from "./compression.js";
import type { Connection } from "./connection.js";
import type { S2sContext } from "./context.js";
import { decoded } from "./frame-compression.js";
import type { Lease } from "./pool.js";
import { parseTarget, requestHeaders } from "./request-headers.js";
import { openRequest, type RequestStream } from "./request-stream.js";

/** Larger than any answer of the service: pages and batches stay below 3 MiB. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** Makes one unary call. */
export async function exchange(
  request: WireRequest,
  options: AttemptOptions & { readonly signal: AbortSignal },
  context: S2sContext,
): Promise<WireResponse> {
  const { signal } = options;
  const { settings } = context;
  if (signal.aborted) throw abortedError(signal.reason);
  const target = parseTarget(request.url);
  const encoded = await encodeBody(request.body, settings.codec);
  if (signal.aborted) throw abortedError(signal.reason);
  const headers = requestHeaders(target, request, options, settings, encoded.headers);

  const answer = createDeferred<WireResponse>();
  let connection: Connection | undefined;
  let stream: RequestStream | undefined;
  let letGo = (): void => {};
  const takeBack = context.pool.acquire(target, { granted: start, refused: answer.reject });
  const removeListener = onAbort(signal, (reason) => {
    connection?.gaveUp(reason);
    stop(abortedError(reason, stream === undefined ? "none" : "possible"));
  });
  context.open.add(stop);

  function stop(error: S2Error): void {
    answer.reject(error);
    takeBack();
    stream?.cancel();
  }

  function start(lease: Lease): void {
    let status = 0;
    let fields: Readonly<Record<string, string>> = {};
    const body = createBody(MAX_BODY_BYTES);
    connection = lease.connection;
    letGo = connection.hold();
    try {
      stream = openRequest(lease, headers, encoded.body === undefined, {
        response(code, received) {
          status = code;
          fields = received;
        },
        data(chunk) {
          if (!body.push(chunk)) stop(bodyTooLong());
        },
        closed(error) {
          if (error !== null) return answer.reject(error);
          const response = { status, headers: fields, body: body.bytes() };
          if (isDraining(response)) lease.connection.retire();
          answer.resolve(response);
        },
      });
      if (encoded.body !== undefined) stream.http2.end(encoded.body);
    } catch (thrown) {
      answer.reject(thrown);
    }
  }

  try {
    return decodeBody(await answer.promise, settings.codec);
  } finally {
    context.open.delete(stop);
    removeListener();
    letGo();
  }
}

/** The server asks its clients to go elsewhere: the connection takes no more requests. */
function isDraining({ status, headers, body }: WireResponse): boolean {
  return status === 503 && errorFromResponse(status, body, headers).code === "server_draining";
}

interface EncodedBody {
  readonly body: Uint8Array | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

async function encodeBody(body: Uint8Array | undefined, codec: Codec | undefined): Promise<EncodedBody> {
  if (body === undefined) return { body: undefined, headers: {} };
  if (codec === undefined || body.byteLength < COMPRESSION_THRESHOLD_BYTES) {
    return { body, headers: { "content-length": String(body.byteLength) } };
  }
  const encoded = await new Promise<Uint8Array>((resolve, reject) => {
    codec.encode(body, (error, bytes) => (error === null ? resolve(bytes) : reject(error)));
  });
  return {
    body: encoded,
    headers: { "content-encoding": codec.name, "content-length": String(encoded.byteLength) },
  };
}

function decodeBody(response: WireResponse, codec: Codec | undefined): WireResponse {
  const encoding = response.headers["content-encoding"];
  if (encoding === undefined || encoding === "identity" || response.body.byteLength === 0) return response;
  return { ...response, body: decoded(response.body, encoding, codec, MAX_BODY_BYTES, "response") };
}

function bodyTooLong(): S2Error {
  return protocolError(`The response is longer than ${MAX_BODY_BYTES} bytes`);
}

import { stringifyJson } from "@s2-dev/streamstore-core/wire";
import { type ServiceError, serviceErrorFrom } from "../service/errors.js";
import { acceptedCoding, CODINGS, COMPRESSION_THRESHOLD, compress } from "./compression.js";
import type { AnswerHeaders, Exchange } from "./exchange.js";
import { UnsupportedEncoding } from "./request-body.js";

const JSON_TYPE = { "content-type": "application/json" } as const;

/** Headers of answers that are streams. */
export const STREAM_HEADERS = {
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
} as const;

/** Answers with a JSON value, in which bigints are bare numbers. */
export function answerJson(
  exchange: Exchange,
  status: number,
  value: unknown,
  headers: AnswerHeaders = {},
): void {
  answerBody(exchange, status, { ...JSON_TYPE, ...headers }, stringifyJson(value));
}

/** Answers with a body, compressed if it is large enough and the client takes that. */
export function answerBody(
  exchange: Exchange,
  status: number,
  headers: AnswerHeaders,
  body: string | Uint8Array,
): void {
  const coding = acceptedCoding(exchange.headers["accept-encoding"]);
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  if (coding === undefined || bytes.length < COMPRESSION_THRESHOLD) {
    exchange.send(status, headers, bytes);
    return;
  }
  exchange.send(
    status,
    { ...headers, "content-encoding": coding, vary: addTo(headers.vary, "accept-encoding") },
    compress(coding, bytes),
  );
}

/** Answers with the error that stands for whatever was thrown. */
export function answerError(exchange: Exchange, thrown: unknown): void {
  if (thrown instanceof UnsupportedEncoding) {
    exchange.send(415, { "accept-encoding": CODINGS.join(",") });
    return;
  }
  const error: ServiceError = serviceErrorFrom(thrown);
  exchange.send(error.status, JSON_TYPE, error.body);
}

function addTo(list: string | undefined, item: string): string {
  return list === undefined ? item : `${list}, ${item}`;
}

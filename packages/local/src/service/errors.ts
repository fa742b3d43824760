import { type Position, StorageFullError } from "../storage/storage.js";

/** HTTP status of each code that this server sends. */
export const STATUS_OF_CODE = {
  access_token_not_found: 404,
  authn: 401,
  bad_frame: 400,
  bad_header: 400,
  bad_json: 400,
  bad_path: 400,
  bad_proto: 400,
  bad_query: 400,
  basin_deletion_pending: 409,
  basin_not_found: 404,
  decryption_failed: 400,
  invalid: 422,
  other: 500,
  permission_denied: 403,
  request_timeout: 408,
  resource_already_exists: 409,
  server_draining: 503,
  storage: 500,
  stream_deletion_pending: 409,
  stream_not_found: 404,
  unavailable: 503,
} as const;

export type ServiceCode = keyof typeof STATUS_OF_CODE;

/** What the service answers instead of a result: a status and a JSON body. */
export class ServiceError extends Error {
  constructor(
    readonly status: number,
    /** The answer's JSON text. */
    readonly body: string,
    message: string,
    readonly code?: ServiceCode,
  ) {
    super(message);
    this.name = "ServiceError";
  }
}

/** An ordinary refusal: `{code, message}`. */
export function refuse(code: ServiceCode, message: string): ServiceError {
  return new ServiceError(STATUS_OF_CODE[code], JSON.stringify({ code, message }), message, code);
}

/** Semantic validation failed. */
export function invalid(message: string): ServiceError {
  return refuse("invalid", message);
}

export function basinNotFound(basin: string): ServiceError {
  return refuse("basin_not_found", `basin \`${basin}\` not found`);
}

export function basinDeletionPending(basin: string): ServiceError {
  return refuse("basin_deletion_pending", `basin \`${basin}\` is being deleted`);
}

/** A refusal that names its stream, which not everybody knows by the same name. */
export class StreamRefusal extends ServiceError {
  constructor(
    code: ServiceCode,
    private readonly messageFor: (stream: string) => string,
    stream: string,
  ) {
    const { status, body, message } = refuse(code, messageFor(stream));
    super(status, body, message, code);
  }

  /** The same for who knows the stream by this name. */
  naming(stream: string): StreamRefusal {
    return new StreamRefusal(this.code as ServiceCode, this.messageFor, stream);
  }
}

export function streamNotFound(basin: string, stream: string): StreamRefusal {
  return new StreamRefusal(
    "stream_not_found",
    (name) => `stream \`${name}\` in basin \`${basin}\` not found`,
    stream,
  );
}

export function streamExists(basin: string, stream: string): StreamRefusal {
  return new StreamRefusal(
    "resource_already_exists",
    (name) => `stream \`${name}\` in basin \`${basin}\` already exists`,
    stream,
  );
}

export function streamDeletionPending(): ServiceError {
  return refuse("stream_deletion_pending", "stream deletion pending");
}

/** The stream went away under somebody who was using it. */
export function streamGone(): ServiceError {
  return refuse("unavailable", "streamer missing in action");
}

/** The server is stopping. */
export function draining(): ServiceError {
  return refuse("server_draining", "server is shutting down");
}

/** 412: the batch's fencing token is not the stream's. */
export function fencingTokenMismatch(actual: string): ServiceError {
  const body = JSON.stringify({ fencing_token_mismatch: actual });
  return new ServiceError(412, body, "fencing token mismatch");
}

/** 412: the batch wants another sequence number than the next one. */
export function seqNumMismatch(next: number): ServiceError {
  return new ServiceError(412, `{"seq_num_mismatch":${next}}`, "sequence number mismatch");
}

/** 416: the read starts at or beyond the tail and may not wait there. */
export function unwritten(tail: Position): ServiceError {
  const body = `{"tail":{"seq_num":${tail.seq_num},"timestamp":${tail.timestamp}}}`;
  return new ServiceError(416, body, "unwritten position");
}

/** Any failure as an answer: what is no refusal is a fault of this server. */
export function serviceErrorFrom(thrown: unknown): ServiceError {
  if (thrown instanceof ServiceError) return thrown;
  if (thrown instanceof StorageFullError) return refuse("unavailable", thrown.message);
  return refuse("storage", thrown instanceof Error ? thrown.message : String(thrown));
}

import type * as appending from "@s2-dev/streamstore-core/appending";
import type { Credentials } from "@s2-dev/streamstore-core/client";
import type * as control from "@s2-dev/streamstore-core/control";
import type * as exactlyOnce from "@s2-dev/streamstore-core/exactly-once";
import type * as reading from "@s2-dev/streamstore-core/reading";
import type * as unaryRead from "@s2-dev/streamstore-core/unary-read";
import type { AccessTokenProvider } from "./credentials.js";

/** What opens read sessions. */
export type Reading = Pick<
  typeof reading,
  "openReadSession" | "readFormat" | "readQuery" | "readRequest" | "readSkips"
>;
/** What appends, and opens append sessions. */
export type Appending = Pick<
  typeof appending,
  | "appendRequest"
  | "createAppendSession"
  | "decodeAckOf"
  | "encodeAppendBatch"
  | "mayRepeatAppend"
  | "throwOutcomeUnknown"
>;
/** What reads without a session. */
export type UnaryRead = Pick<
  typeof unaryRead,
  "decodeReadResponse" | "readFormat" | "readQuery" | "readRequest" | "readSkips"
>;
/** What manages basins, streams and the rest. */
export type Control = Pick<
  typeof control,
  "buildRequest" | "decodeResponse" | "listKept" | "operationRow" | "streamConfigHeader"
>;
/** What appends exactly once. */
export type ExactlyOnce = Pick<typeof exactlyOnce, "createMarker" | "createStreamReader" | "PositionChain">;
/** What asks a function for access tokens. */
export interface Refreshing {
  createRefreshingCredentials(
    provider: AccessTokenProvider,
    headerOf: (token: unknown, name: string) => string,
  ): Credentials;
}

/** The parts of a client that a page loads when it first needs them; where loading costs nothing they are there at once. */
export interface Parts {
  reading(): Reading | Promise<Reading>;
  appending(): Appending | Promise<Appending>;
  unaryRead(): UnaryRead | Promise<UnaryRead>;
  control(): Promise<Control>;
  exactlyOnce(): Promise<ExactlyOnce>;
  refreshing(): Promise<Refreshing>;
}

/** Uses a part: in the caller's turn if it is there, so that a request leaves in that turn. */
export function withPart<P extends object, T>(
  part: P | Promise<P>,
  use: (part: P) => T | Promise<T>,
): T | Promise<T> {
  return part instanceof Promise ? part.then(use) : use(part);
}

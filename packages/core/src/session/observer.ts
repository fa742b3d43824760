import type { S2Error } from "../error/s2-error.js";
import type { ConnectionHooks } from "../transport/connection-hooks.js";
import type { WireRequest } from "../transport/index.js";
import type { SessionContext } from "./context.js";

/** A session that is observed. */
export interface ObservedSession {
  /** What it is to run with. */
  readonly context: SessionContext;
  /** Once, at the very end. */
  ended(failure: S2Error | undefined): void;
}

/**
 * Watches calls and sessions from outside, by standing between them and their transport: where there is none, nothing
 * on their way asks whether there is. Made by `createObserver`.
 */
export interface Observer {
  /** Makes a call with the context it is to run with, and watches how it ends. */
  call<T>(
    context: SessionContext,
    request: WireRequest,
    make: (context: SessionContext) => Promise<T>,
  ): Promise<T>;
  /** `request`: the first that the session is going to make. */
  session(
    kind: "append_session" | "read_session",
    context: SessionContext,
    request: WireRequest,
  ): ObservedSession;
  /** For the transports that the client makes. */
  readonly connections: ConnectionHooks;
}

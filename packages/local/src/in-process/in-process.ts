import { type S2Error, sessionClosedError } from "@s2-dev/streamstore-core/transport";
import type { Exchange } from "../http/exchange.js";
import { Hold } from "./memory-call.js";

/** What the calls of one in-process transport share. */
export interface InProcess {
  readonly serve: (exchange: Exchange) => void;
  /** Stands for the connection that they would have in common. */
  readonly connection: object;
  readonly hold: Hold;
  /** Ends what is open. */
  readonly open: Set<(error: S2Error) => void>;
  isClosed: boolean;
  /** Resolves when nothing is open. */
  idle(): Promise<void>;
}

export function createInProcess(serve: (exchange: Exchange) => void): InProcess {
  const open = new OpenCalls();
  const idle = (): Promise<void> => open.empty();
  return { serve, connection: {}, hold: new Hold(), open, isClosed: false, idle };
}

/** A set that tells when it is empty. */
class OpenCalls extends Set<(error: S2Error) => void> {
  #waiting: (() => void)[] = [];

  override delete(end: (error: S2Error) => void): boolean {
    const deleted = super.delete(end);
    if (this.size === 0) for (const resolve of this.#waiting.splice(0)) resolve();
    return deleted;
  }

  empty(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** The transport, or the server behind it, is closed. */
export function transportClosed(): S2Error {
  return sessionClosedError("The transport");
}

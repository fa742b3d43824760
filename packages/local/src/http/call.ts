import type { OperationName } from "@s2-dev/streamstore-core/operations";
import type { ServiceClock } from "../service/clock.js";
import type { Usage } from "../service/metrics/usage.js";
import type { ServiceView } from "../service/service.js";
import type { Arguments } from "./arguments.js";
import type { Exchange } from "./exchange.js";
import type { BatchText } from "./live-text.js";

/** Sessions that are open, so that a server that stops can end them. */
export interface OpenSessions {
  /** Calls back when the server drains; returns what takes the entry out again. */
  add(drain: () => void): () => void;
}

/** A request whose operation is known and whose path and query have been read. */
export interface Call<N extends OperationName = OperationName> {
  readonly exchange: Exchange;
  /** As much of it as the caller may use. */
  readonly service: ServiceView;
  readonly clock: ServiceClock;
  readonly usage: Usage;
  /** The caller's prefix of stream names. */
  readonly streamPrefix: string;
  readonly sessions: OpenSessions;
  readonly batchText: BatchText;
  readonly args: Arguments<N>;
  /** The basin that `s2-basin` names; empty for operations on the account. */
  readonly basin: string;
}

/** Does an operation and answers it. What it throws is answered as an error. */
export type Handler<N extends OperationName> = (call: Call<N>) => Promise<void>;

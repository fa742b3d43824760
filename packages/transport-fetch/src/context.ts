import type { S2Error } from "@s2-dev/streamstore-core/transport";
import type { FetchRuntime } from "./runtime.js";

/** What the calls and links of one transport share. */
export interface FetchContext {
  readonly runtime: FetchRuntime;
  /** Ways to end what is open, for the transport's `close`. Whatever ends by itself removes its own. */
  readonly open: Set<(error: S2Error) => void>;
  /** Nothing new is started. */
  closed: boolean;
}

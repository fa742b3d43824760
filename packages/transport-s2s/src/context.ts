import type { S2Error } from "@s2-dev/streamstore-core/transport";
import type { Pool } from "./pool.js";
import type { S2sSettings } from "./settings.js";

/** What the calls and links of one transport share. */
export interface S2sContext {
  readonly pool: Pool;
  readonly settings: S2sSettings;
  /** Ways to end what is open, for the transport's `close`. Whatever ends by itself removes its own. */
  readonly open: Set<(error: S2Error) => void>;
}

import type { Transport } from "@s2-dev/streamstore-core/transport";

/** A running server, as the suite sees it: one origin for account and basins. */
export interface Server {
  readonly name: ServerName;
  /** For example `http://127.0.0.1:41234`. */
  readonly origin: string;
  /** Leads there without a socket. */
  readonly transport?: Transport;
  stop(): Promise<void>;
}

/** The embedded server of this repository, and the service's own open-source server. */
export type ServerName = "local" | "s2-lite";

import type { Transport } from "@s2-dev/streamstore-core/transport";
import type { Faults } from "./faults/faults.js";
import type { Service } from "./service/service.js";
import type { LocalState } from "./state.js";

/** Where an SDK finds the server: what its `endpoints` option takes. */
export interface LocalEndpoints {
  /** For calls of the account. */
  readonly account: string;
  /** For calls of basins. */
  readonly basin: string;
}

/** What an SDK client needs to reach the server. */
export interface LocalClientOptions {
  /** The root token, or any text where none is demanded. */
  readonly accessToken: string;
  /** Where the server is. */
  readonly endpoints: LocalEndpoints;
  /** There when the server does not listen. */
  readonly transport?: Transport;
}

/** A server that runs in this process. */
export interface LocalServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, or `https://…`; a name that leads nowhere when it does not listen. */
  readonly origin: string;
  /** Where it can be reached, as `endpoints` of a client. */
  readonly endpoints: LocalEndpoints;
  /** 0 when it does not listen. */
  readonly port: number;
  /** What `new S2(…)` takes to reach the server, with all rights. */
  readonly clientOptions: LocalClientOptions;
  /**
   * Leads to the server without a socket, but through the same codecs: what the SDK's `transport` option takes.
   * Closed with the server.
   */
  readonly transport: Transport;
  /** The certificate that it shows, in PEM, when it speaks TLS. */
  readonly certificate: string | undefined;
  /** The rules behind the wire, for tests that want to look. */
  readonly service: Service;
  /**
   * Writes down all that is stored, for the `state` option of another server. It is all in memory at once.
   * @throws Error when more than 256 MiB (metered) are stored.
   */
  dump(): Promise<LocalState>;
  /** What goes wrong on purpose: rules can be added and removed at any time. */
  readonly faults: Faults;
  /**
   * Stops: no more connections; open sessions end with `server_draining`; what is still there after `drainMs` is cut
   * off. May be called again.
   */
  close(): Promise<void>;
}

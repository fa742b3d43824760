import { S2AccessTokens } from "./access-tokens.js";
import { S2Basin } from "./basin.js";
import { S2Basins } from "./basins.js";
import { ClientCore } from "./client-core.js";
import { S2Locations } from "./locations.js";
import { S2Metrics } from "./metrics.js";
import type { Runtime, S2ClientOptions } from "./options.js";

/** A client of S2, given what its runtime offers. Each entry of the package exports it as `S2` for its runtime. */
export class S2Client implements AsyncDisposable {
  /** Basins of the account: list, create, configure, delete. */
  readonly basins: S2Basins;
  /** Access tokens of the account: list, issue, revoke. */
  readonly accessTokens: S2AccessTokens;
  /** Metrics of account, basins and streams. */
  readonly metrics: S2Metrics;
  /** Where basins can be placed. */
  readonly locations: S2Locations;
  readonly #core: ClientCore;

  constructor(options: S2ClientOptions, runtime: Runtime) {
    this.#core = new ClientCore(options, runtime);
    this.basins = new S2Basins(this.#core);
    this.accessTokens = new S2AccessTokens(this.#core);
    this.metrics = new S2Metrics(this.#core);
    this.locations = new S2Locations(this.#core);
  }

  /** A handle of a basin; touches no network. Throws `INVALID_ARGUMENT` for what cannot be a basin's name. */
  basin(name: string): S2Basin {
    return new S2Basin(this.#core, name);
  }

  /**
   * Closes every session opened through this client and then its connections: read sessions end, append sessions
   * first settle what was submitted, as long as the server makes progress; calls still under way after that reject.
   * Later calls reject with code `SESSION_CLOSED`. A `transport` that was passed in stays open. Closing is not needed
   * for a process to exit.
   */
  close(): Promise<void> {
    return this.#core.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

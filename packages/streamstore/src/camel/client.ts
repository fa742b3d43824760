import { type S2Basin as MainBasin, S2 as MainClient, EncryptionKey as MainKey } from "@s2-dev/streamstore";
import { S2AccessTokens, S2Basins, S2Locations, S2Streams } from "./control.js";
import { checkInput, guarded, rethrow } from "./errors.js";
import { S2Metrics } from "./metrics.js";
import { clientOptionsToMain, keyToMain, type S2ClientOptions, type StreamOptions } from "./options.js";
import { S2Stream } from "./stream.js";

/** A client of S2 with the names of 0.21 to 0.27. */
export class S2 implements AsyncDisposable {
  /** Creates, configures, lists and deletes basins. */
  readonly basins: S2Basins;
  /** Issues, lists and revokes access tokens. */
  readonly accessTokens: S2AccessTokens;
  /** Lists locations, and says which is the default. */
  readonly locations: S2Locations;
  /** Metrics of account, basins and streams. */
  readonly metrics: S2Metrics;
  readonly #client: MainClient;

  constructor(options: S2ClientOptions) {
    this.#client = guarded(() => new MainClient(clientOptionsToMain(options)));
    this.basins = new S2Basins(this.#client.basins);
    this.accessTokens = new S2AccessTokens(this.#client.accessTokens);
    this.locations = new S2Locations(this.#client.locations);
    this.metrics = new S2Metrics(this.#client.metrics);
  }

  /** A handle of a basin; touches no network. */
  basin(name: string): S2Basin {
    return new S2Basin(guarded(() => this.#client.basin(name)));
  }

  /** Closes every session opened through this client, and its connections. Not needed for a process to exit. */
  close(): Promise<void> {
    return this.#client.close().catch(rethrow);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** A handle of one basin. */
export class S2Basin {
  /** Name of the basin. */
  readonly name: string;
  /** Creates, configures, lists and deletes its streams. */
  readonly streams: S2Streams;
  readonly #basin: MainBasin;

  /** @internal Made by `S2`. */
  constructor(basin: MainBasin) {
    this.#basin = basin;
    this.name = basin.name;
    this.streams = new S2Streams(basin.streams);
  }

  /** A handle of a stream; touches no network. */
  stream(name: string, options: StreamOptions = {}): S2Stream {
    checkInput(options, "the options of a stream");
    const { forceTransport, encryptionKey: given } = options;
    const encryptionKey = given === undefined ? undefined : keyToMain(MainKey, given);
    return new S2Stream(guarded(() => this.#basin.stream(name, { forceTransport, encryptionKey })));
  }
}

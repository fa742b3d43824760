import type {
  AccountMetricsArgs,
  BasinMetricsArgs,
  MetricSetResponse,
  StreamMetricsArgs,
} from "@s2-dev/streamstore-core";
import type { ClientCore } from "./client-core.js";
import type { S2RequestOptions } from "./options.js";

/** Metrics; `start` and `end` are Unix seconds. @see https://s2.dev/docs/api/metrics */
export class S2Metrics {
  readonly #core: ClientCore;

  /** @internal Made by `S2`. */
  constructor(core: ClientCore) {
    this.#core = core;
  }

  /** Metrics of the account: active basins, operations, estimated usage. */
  account(args: AccountMetricsArgs, options?: S2RequestOptions): Promise<MetricSetResponse> {
    return this.#core.perform("account_metrics", args, options);
  }

  /** Metrics of one basin: storage, operations and throughput of all of its streams. */
  basin(args: BasinMetricsArgs, options?: S2RequestOptions): Promise<MetricSetResponse> {
    return this.#core.perform("basin_metrics", args, options);
  }

  /** Metrics of one stream: storage. */
  stream(args: StreamMetricsArgs, options?: S2RequestOptions): Promise<MetricSetResponse> {
    return this.#core.perform("stream_metrics", args, options);
  }
}

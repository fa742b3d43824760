import type {
  AccountMetricSet,
  BasinMetricSet,
  StreamMetricSet,
  TimeseriesInterval,
} from "@s2-dev/streamstore-core";
import { refuse } from "../service/errors.js";
import type { MetricQuery } from "../service/metrics/metrics.js";
import type { U64 } from "../storage/u64.js";
import { answerJson } from "./answer.js";
import type { Handler } from "./call.js";

const ACCOUNT_SETS = [
  "active-basins",
  "account-ops",
  "estimated-billable-usage",
] as const satisfies readonly AccountMetricSet[];
const BASIN_SETS = [
  "storage",
  "append-ops",
  "read-ops",
  "read-throughput",
  "append-throughput",
  "basin-ops",
] as const satisfies readonly BasinMetricSet[];
const STREAM_SETS = ["storage"] as const satisfies readonly StreamMetricSet[];
const INTERVALS = ["minute", "hour", "day"] as const satisfies readonly TimeseriesInterval[];

export const accountMetrics: Handler<"account_metrics"> = async ({ exchange, service, args }) => {
  answerJson(exchange, 200, { values: service.metrics.account(queryOf(args, ACCOUNT_SETS)) });
};

export const basinMetrics: Handler<"basin_metrics"> = async ({ exchange, service, args }) => {
  answerJson(exchange, 200, { values: service.metrics.basin(args.basin, queryOf(args, BASIN_SETS)) });
};

export const streamMetrics: Handler<"stream_metrics"> = async ({ exchange, service, args }) => {
  const query = queryOf(args, STREAM_SETS);
  answerJson(exchange, 200, { values: service.metrics.stream(args.basin, args.stream, query) });
};

interface MetricArguments {
  readonly set: string;
  readonly interval?: string | undefined;
  readonly start?: U64 | undefined;
  readonly end?: U64 | undefined;
}

function queryOf<Set extends string>(args: MetricArguments, sets: readonly Set[]): MetricQuery<Set> {
  const { start, end, interval } = args;
  return {
    set: wordOf("set", args.set, sets),
    interval: interval === undefined ? undefined : wordOf("interval", interval, INTERVALS),
    start: start === undefined ? undefined : Number(start),
    end: end === undefined ? undefined : Number(end),
  };
}

function wordOf<Word extends string>(field: string, text: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  const expected = words.map((word) => `\`${word}\``).join(", ");
  const list = words.length === 1 ? expected : `one of ${expected}`;
  throw refuse(
    "bad_query",
    `Failed to deserialize query string: ${field}: unknown variant \`${text}\`, expected ${list}`,
  );
}

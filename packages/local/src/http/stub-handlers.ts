import { requestSchemas } from "@s2-dev/streamstore-core/schemas";
import { refuse } from "../service/errors.js";
import type { Handler } from "./call.js";
import { requiredJson } from "./json-body.js";

const ACCOUNT_SETS = ["active-basins", "account-ops", "estimated-billable-usage"];
const BASIN_SETS = ["storage", "append-ops", "read-ops", "read-throughput", "append-throughput", "basin-ops"];
const STREAM_SETS = ["storage"];
const INTERVALS = ["minute", "hour", "day"];

/** What is not built: like the service, it looks at the request first. */
export const notImplemented = async (): Promise<never> => {
  throw refuse("not_implemented", "Not implemented");
};

export const issueAccessToken: Handler<"issue_access_token"> = async ({ exchange }) => {
  await requiredJson(exchange, requestSchemas.issue_access_token);
  await notImplemented();
};

export const setDefaultLocation: Handler<"set_default_location"> = async ({ exchange }) => {
  await requiredJson(exchange, requestSchemas.set_default_location);
  await notImplemented();
};

export const accountMetrics: Handler<"account_metrics"> = ({ args }) => checkedMetrics(args, ACCOUNT_SETS);
export const basinMetrics: Handler<"basin_metrics"> = ({ args }) => checkedMetrics(args, BASIN_SETS);
export const streamMetrics: Handler<"stream_metrics"> = ({ args }) => checkedMetrics(args, STREAM_SETS);

function checkedMetrics(
  args: { readonly set: string; readonly interval?: string | undefined },
  sets: readonly string[],
): Promise<never> {
  checkWord("set", args.set, sets);
  if (args.interval !== undefined) checkWord("interval", args.interval, INTERVALS);
  return notImplemented();
}

function checkWord(field: string, word: string, words: readonly string[]): void {
  if (words.includes(word)) return;
  const expected = words.map((known) => `\`${known}\``).join(", ");
  const list = words.length === 1 ? expected : `one of ${expected}`;
  throw refuse(
    "bad_query",
    `Failed to deserialize query string: ${field}: unknown variant \`${word}\`, expected ${list}`,
  );
}

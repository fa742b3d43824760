import { answerError, answerJson } from "../http/answer.js";
import type { Exchange } from "../http/exchange.js";
import { collectJson } from "../http/json-body.js";
import { invalid, refuse } from "../service/errors.js";
import { FaultRuleError } from "./check-rule.js";
import type { FaultHandle, Faults } from "./faults.js";
import type { FaultRule } from "./rule.js";

/** Where the faults of a server are looked at and changed over HTTP. */
export const FAULTS_PATH = "/admin/faults";

/** Serves the path and what is below it: an application for rules. */
export async function serveFaults(exchange: Exchange, faults: Faults): Promise<void> {
  try {
    await serve(exchange, faults);
  } catch (error) {
    answerError(exchange, error instanceof FaultRuleError ? invalid(error.message) : error);
  }
}

async function serve(exchange: Exchange, faults: Faults): Promise<void> {
  const { method, path } = exchange;
  const id = path.slice(FAULTS_PATH.length + 1);
  if (id !== "") return serveRule(exchange, faults, id);
  if (method === "GET") return answerJson(exchange, 200, { faults: faults.list().map(described) });
  if (method === "POST") return answerJson(exchange, 201, described(faults.add(await ruleFrom(exchange))));
  if (method === "DELETE") {
    faults.clear();
    return exchange.send(204, {});
  }
  exchange.send(405, { allow: "GET,POST,DELETE" });
}

function serveRule(exchange: Exchange, faults: Faults, id: string): void {
  const handle = faults.list().find((candidate) => candidate.id === id);
  if (handle === undefined) return exchange.send(404, {});
  if (exchange.method === "GET") return answerJson(exchange, 200, described(handle));
  if (exchange.method !== "DELETE") return exchange.send(405, { allow: "GET,DELETE" });
  handle.remove();
  exchange.send(204, {});
}

/** @throws ServiceError `bad_json` for what is no JSON; the rest is for `add` to judge. */
async function ruleFrom(exchange: Exchange): Promise<FaultRule> {
  const text = await collectJson(exchange);
  try {
    return JSON.parse(text) as FaultRule;
  } catch (error) {
    throw refuse("bad_json", (error as Error).message);
  }
}

function described({ id, rule, hits }: FaultHandle): Pick<FaultHandle, "id" | "rule" | "hits"> {
  return { id, rule, hits };
}

import type { OperationName } from "@s2-dev/streamstore-core/operations";
import type { Exchange } from "../http/exchange.js";
import type { ServiceClock } from "../service/clock.js";
import { errorBody, FaultyBody } from "./faulty-body.js";
import { formOf } from "./messages.js";
import { type FaultPlan, planOf } from "./plan.js";
import type { FaultAction } from "./rule.js";

const JSON_TYPE = { "content-type": "application/json" } as const;

/**
 * The exchange with faults; nothing when they leave no operation to be done: it is answered, broken off, or never
 * answered.
 */
export function withFaults(
  exchange: Exchange,
  operation: OperationName,
  actions: readonly FaultAction[],
  clock: ServiceClock,
): Exchange | undefined {
  if (isAnswered(exchange, actions)) return undefined;
  const plan = planOf(actions);
  return isBrokenOff(exchange, plan)
    ? undefined
    : faultyExchange(exchange, operation === "read", plan, clock);
}

function isAnswered(exchange: Exchange, actions: readonly FaultAction[]): boolean {
  for (const action of actions) {
    if (action.kind === "drain") {
      exchange.send(503, JSON_TYPE, errorBody("server_draining", undefined));
      return true;
    }
    if (action.kind !== "answer") continue;
    const { status, code, message, body, headers } = action;
    if (code === undefined) exchange.send(status, headers ?? {}, body);
    else exchange.send(status, { ...JSON_TYPE, ...headers }, body ?? errorBody(code, message));
    return true;
  }
  return false;
}

/** What happens before the operation. */
function isBrokenOff(exchange: Exchange, plan: FaultPlan): boolean {
  for (const action of plan.timed) {
    if (!("at" in action) || action.at !== "request") continue;
    if (action.kind === "goaway") exchange.wire.announceClose();
    else if (action.kind === "stall") {
      // The request is taken, so that its sender is not held back.
      exchange.body.resume();
      return true;
    } else if (action.kind === "cut") {
      if (action.how === "end") exchange.send(200, {});
      else if (action.how === "goaway") exchange.wire.goaway(action.code ?? 0);
      else if (action.how === "destroy") exchange.wire.destroy();
      else exchange.wire.reset(action.code ?? 2);
      return true;
    }
  }
  return false;
}

function faultyExchange(exchange: Exchange, isRead: boolean, plan: FaultPlan, clock: ServiceClock): Exchange {
  const { wire } = exchange;
  if (plan.timed.some((action) => action.kind === "cut" && action.how === "reset")) wire.armReset();
  let body: FaultyBody | undefined;
  const faulty: Exchange = {
    method: exchange.method,
    path: exchange.path,
    query: exchange.query,
    headers: exchange.headers,
    body: exchange.body,
    connection: exchange.connection,
    bodyTimeouts: exchange.bodyTimeouts,
    wire,
    send(status, headers, payload) {
      if (body !== undefined) return;
      const failure = plan.timed.find((action) => action.kind === "fail");
      if (failure?.kind === "fail") {
        exchange.send(failure.status, JSON_TYPE, errorBody(failure.code, failure.message));
        return;
      }
      const bytes = Buffer.from(payload ?? "");
      faulty.open(status, { ...headers, "content-length": String(bytes.length) }).end(bytes);
    },
    open(status, headers) {
      const created = new FaultyBody({
        form: formOf(headers["content-type"]),
        isRead,
        plan,
        clock,
        wire,
        open: () => exchange.open(status, headers),
        finish: () => exchange.finish(),
      });
      body = created;
      exchange.onClose(() => created.destroy());
      return created;
    },
    onClose: (listener) => exchange.onClose(listener),
    finish() {
      if (body === undefined) exchange.finish();
      else if (!body.writableEnded) body.end();
    },
    destroy: () => exchange.destroy(),
  };
  return faulty;
}

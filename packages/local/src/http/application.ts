import { type OperationName, operationDocs, operations } from "@s2-dev/streamstore-core/operations";
import { createDashboard, DASHBOARD_PATH } from "../dashboard/dashboard.js";
import { FAULTS_PATH, serveFaults } from "../faults/admin.js";
import type { FaultLayer } from "../faults/faults.js";
import { requireOperations } from "../service/access/grant.js";
import { scopedService } from "../service/access/scoped-service.js";
import { refuse } from "../service/errors.js";
import type { Service } from "../service/service.js";
import { answerError, answerJson } from "./answer.js";
import { readArguments } from "./arguments.js";
import type { Handler, OpenSessions } from "./call.js";
import { type AuthOptions, createAuthentication } from "./caller.js";
import { withCors } from "./cors.js";
import type { Exchange } from "./exchange.js";
import { handlers } from "./handlers.js";
import { headExchange } from "./head-exchange.js";
import { createBatchText } from "./live-text.js";
import { type AnsweredRequest, observed } from "./observed.js";
import { requestCoding } from "./request-body.js";
import { basinHeader, requestTokenHeader } from "./request-headers.js";
import { createRouter } from "./router.js";
import { told } from "./told.js";

export interface ApplicationOptions {
  readonly service: Service;
  readonly sessions: OpenSessions;
  readonly faults: FaultLayer;
  /** How callers are recognised; without it everybody may do everything. */
  readonly auth?: AuthOptions | undefined;
  /** Whether faults can be looked at and changed over HTTP. */
  readonly admin: boolean;
  /** Whether there is a page to look at the server. */
  readonly dashboard: boolean;
  /** Whether pages of any origin may use the server. */
  readonly cors: boolean;
  /** Told of every request when it comes. */
  readonly onRequest?: ((exchange: Exchange) => void) | undefined;
  /** Told of every request when its answer begins. */
  readonly onAnswer?: ((request: AnsweredRequest) => void) | undefined;
}

const TEXT = { "content-type": "text/plain; charset=utf-8" } as const;
const OPENAPI_PATH = "/openapi.json";
const ROOT_PATHS: ReadonlySet<string> = new Set(["/health", "/ping"]);

/** The whole API over exchanges, whatever they run on. Never throws. */
export function createApplication(options: ApplicationOptions): (exchange: Exchange) => void {
  const { service, sessions, faults } = options;
  const { clock, usage } = service;
  const authenticate = createAuthentication(options.auth, service.accessTokens);
  const route = createRouter();
  const batchText = createBatchText();
  const dashboard = createDashboard();

  function serve(exchange: Exchange): void {
    if (ROOT_PATHS.has(exchange.path)) {
      serveRoot(exchange);
      return;
    }
    if (exchange.path === OPENAPI_PATH) {
      serveOpenApi(exchange).catch((error: unknown) => answerError(exchange, error));
      return;
    }
    if (options.admin && isBelow(exchange.path, FAULTS_PATH)) {
      admin(exchange).catch((error: unknown) => answerError(exchange, error));
      return;
    }
    if (options.dashboard && isBelow(exchange.path, DASHBOARD_PATH)) {
      dashboard(exchange).catch((error: unknown) => answerError(exchange, error));
      return;
    }
    const routed = route(exchange.method, exchange.path);
    if (routed === undefined) exchange.send(404, {});
    else if ("allow" in routed) exchange.send(405, { allow: routed.allow });
    else {
      const { operation, segments } = routed;
      const served = faults.isActive ? faults.apply(exchange, operation, segments) : exchange;
      if (served === undefined) return;
      const wire = served.method === "HEAD" ? headExchange(served) : served;
      call(wire, operation, segments).catch((error: unknown) => answerError(wire, error));
    }
  }

  async function call<N extends OperationName>(
    exchange: Exchange,
    operation: N,
    segments: Readonly<Record<string, string>>,
  ): Promise<void> {
    const caller = await authenticate(exchange.headers);
    const row = operations[operation];
    if (caller !== "root") requireOperations(caller, operationDocs[operation].permissions);
    requestCoding(exchange.headers["content-encoding"]);
    if (row.requestToken) requestTokenHeader(exchange.headers);
    const basin = row.scope === "basin" ? basinHeader(exchange.headers) : "";
    const args = readArguments(operation, segments, exchange.query);
    const handler: Handler<N> = handlers[operation];
    await handler({
      exchange,
      service: caller === "root" ? service : scopedService(service, caller),
      clock,
      usage,
      streamPrefix: caller === "root" ? "" : caller.streamPrefix,
      sessions,
      batchText,
      args,
      basin,
    });
    if (row.scope === "account") usage.accountOperation(operation);
    else if (operationDocs[operation].tag === "streams") usage.basinOperation(basin, operation);
  }

  async function admin(exchange: Exchange): Promise<void> {
    if ((await authenticate(exchange.headers)) !== "root") {
      throw refuse("permission_denied", "only the root token may change faults");
    }
    await serveFaults(exchange, faults);
  }

  const onRequest = told("onRequest", options.onRequest);
  const onAnswer = told("onAnswer", options.onAnswer);
  return (exchange) => {
    onRequest?.(exchange);
    const watched = onAnswer === undefined ? exchange : observed(exchange, () => performance.now(), onAnswer);
    const wire = options.cors ? withCors(watched) : watched;
    if (wire === undefined) return;
    try {
      serve(wire);
    } catch (error) {
      answerError(wire, error);
    }
  };
}

function isBelow(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}/`);
}

/** The document is large, and few ask for it: it is loaded by the first who does. */
async function serveOpenApi(exchange: Exchange): Promise<void> {
  if (exchange.method !== "GET" && exchange.method !== "HEAD")
    return exchange.send(405, { allow: "GET,HEAD" });
  const { default: document } = await import("../openapi/document.json");
  answerJson(exchange.method === "HEAD" ? headExchange(exchange) : exchange, 200, document);
}

function serveRoot(exchange: Exchange): void {
  if (exchange.method === "GET" || exchange.method === "HEAD") exchange.send(200, TEXT, "OK");
  else exchange.send(405, { allow: "GET,HEAD" });
}

import type { Attributes } from "@opentelemetry/api";
import type { Activity } from "@s2-dev/streamstore-core";

/**
 * Names of attributes and metrics. Those of messaging are still in development in the semantic conventions, so no
 * package exports them as stable.
 * @see https://opentelemetry.io/docs/specs/semconv/messaging/
 */
export const ATTRIBUTES = {
  system: "messaging.system",
  destination: "messaging.destination.name",
  operationName: "messaging.operation.name",
  operationType: "messaging.operation.type",
  messageCount: "messaging.batch.message_count",
  bodySize: "messaging.message.body.size",
  serverAddress: "server.address",
  serverPort: "server.port",
  errorType: "error.type",
  basin: "s2.basin",
  transport: "s2.transport",
  attempt: "s2.attempt",
  delay: "s2.retry.delay_ms",
  resumedFrom: "s2.resumed_from.seq_num",
  adviceReason: "s2.reconnect.reason",
} as const;

export const METRICS = {
  duration: "messaging.client.operation.duration",
  sent: "messaging.client.sent.messages",
  consumed: "messaging.client.consumed.messages",
  retries: "s2.client.retries",
  connections: "s2.client.connections",
} as const;

/** Every record of a stream is a message; what else the service does is no messaging and has no type. */
export function operationTypeOf({ operation }: Activity): "send" | "receive" | undefined {
  if (operation === "append") return "send";
  return operation === "read" ? "receive" : undefined;
}

/** What both spans and metrics say of a call or session. */
export function attributesOf(activity: Activity): Attributes {
  const type = operationTypeOf(activity);
  const { basin, stream } = activity;
  return {
    [ATTRIBUTES.system]: "s2",
    [ATTRIBUTES.operationName]: activity.operation,
    ...(type === undefined ? {} : { [ATTRIBUTES.operationType]: type }),
    ...(stream === undefined ? {} : { [ATTRIBUTES.destination]: stream }),
    ...(basin === undefined ? {} : { [ATTRIBUTES.basin]: basin }),
    ...serverOf(activity.origin),
  };
}

/** The host of an origin, and its port where it is not the scheme's own. */
export function serverOf(origin: string): Attributes {
  const [, host = "", port] = /^\w+:\/\/(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(origin) ?? [];
  if (host === "") return {};
  const server: Attributes = { [ATTRIBUTES.serverAddress]: host };
  if (port !== undefined) server[ATTRIBUTES.serverPort] = Number(port);
  return server;
}

/** `error.type` of a failure: the code of an `S2Error`. */
export function errorTypeOf(error: { readonly code?: string; readonly name: string }): string {
  return error.code ?? error.name;
}

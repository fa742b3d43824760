import { createObserver, logEvents } from "@s2-dev/streamstore-core";
import { invalidArgument } from "@s2-dev/streamstore-core/client";
import type { S2ClientOptions } from "./options.js";

/**
 * The options of a client on a server runtime, without those that are another way to say something: a `logger` is an
 * observer, and the limit of a dial may stand under `retry`. Pages do without both, which would cost each of them.
 * Throws `INVALID_ARGUMENT`.
 */
export function serverOptions(options: S2ClientOptions): S2ClientOptions {
  // What is wrong with anything but an object is said where options are checked.
  const { logger, retry } = options ?? {};
  const limit = retry?.connectionTimeoutMillis;
  if (logger === undefined && limit === undefined) return options;
  const { logger: _, ...rest } = options;
  return {
    ...rest,
    connectionTimeoutMillis: rest.connectionTimeoutMillis ?? limit,
    observer: logger === undefined ? rest.observer : observerOf(logger, rest.observer),
  };
}

function observerOf(
  logger: NonNullable<S2ClientOptions["logger"]>,
  observer: S2ClientOptions["observer"],
): S2ClientOptions["observer"] {
  if (observer === undefined) return createObserver(logEvents(logger));
  throw invalidArgument(
    "logger must not stand beside observer: createObserver(logEvents(logger), hooks) makes one of both",
  );
}

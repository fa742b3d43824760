import { type ConnectionHooks, createConnectionReporter } from "@s2-dev/streamstore-core/transport";
import type { buildConnector } from "undici";
import { errorFromFetch } from "./map-error.js";

/** The same connector, with a report of each connection to whoever listens. */
export function reporting(
  connect: buildConnector.connector,
  hooks: ConnectionHooks | undefined,
): buildConnector.connector {
  if (hooks === undefined) return connect;
  const begin = createConnectionReporter(hooks, "fetch", () => performance.now());
  return (target, callback) => {
    const report = begin(`${target.protocol}//${target.host ?? target.hostname}`);
    connect(target, (...result) => {
      const [error, socket] = result;
      if (socket) {
        report.opened();
        socket.once("close", () => report.closed());
      } else report.failed(errorFromFetch(error));
      callback(...result);
    });
  };
}

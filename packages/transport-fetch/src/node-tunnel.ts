import type { Agent } from "node:http";
import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { errorFromFetch } from "./map-error.js";
import { letGo, type NodeDial } from "./node-call.js";
import type { FetchTransportOptions } from "./settings.js";

/** Has an agent open each connection through a tunnel; TLS, if any, goes on top of it. */
export function tunnelConnections(
  agent: Agent,
  tunnel: NonNullable<FetchTransportOptions["tunnel"]>,
  report: NodeDial["report"],
): void {
  agent.createConnection = (options, done) => {
    const { host, port } = options as { host: string; port: number | string };
    const secure = "protocol" in agent && agent.protocol === "https:";
    const reporting = report?.(`${secure ? "https" : "http"}://${host}:${port}`);
    const take = (way: object): void => {
      const socket = way as Socket;
      letGo(socket);
      if (secure) {
        const { connect } = process.getBuiltinModule("node:tls");
        // Its opening is reported by the request that waits for it, as that of any other.
        return done?.(null, connect({ ...(options as ConnectionOptions), socket }));
      }
      reporting?.opened();
      socket.once("close", () => reporting?.closed());
      done?.(null, socket);
    };
    tunnel(host, Number(port))
      .then(take)
      .catch((thrown: unknown) => {
        reporting?.failed(errorFromFetch(thrown));
        done?.(thrown as Error, undefined as unknown as Socket);
      });
    return undefined;
  };
}

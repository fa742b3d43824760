import { Agent, type IncomingMessage, request as startRequest } from "node:http";
import type { RawConnection, RawExchange, RawRequest } from "./http.js";

export function connectHttp1(origin: string): RawConnection {
  const agent = new Agent({ keepAlive: true });
  const { hostname, port } = new URL(origin);
  return {
    open({ method, path, headers, body }: RawRequest) {
      return new Promise<RawExchange>((resolve, reject) => {
        const length = body === undefined ? undefined : Buffer.byteLength(body);
        const outgoing = startRequest({
          agent,
          hostname,
          port,
          method,
          path,
          headers: {
            ...(headers as Record<string, string | string[]>),
            // Without a length Node would send chunks, also for an empty body.
            ...(length === undefined || (length === 0 && method === "GET")
              ? {}
              : { "content-length": length }),
          },
        });
        // A server that answers early may close while the request is still open: the answer counts.
        outgoing.on("error", reject);
        outgoing.once("response", (incoming) =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: headersOf(incoming),
            write: (bytes) => {
              outgoing.write(bytes);
            },
            end: () => {
              outgoing.end();
            },
            chunks: incoming,
            abort: () => {
              outgoing.destroy();
            },
          }),
        );
        if (body === undefined) outgoing.flushHeaders();
        else outgoing.end(body);
      });
    },
    async close() {
      agent.destroy();
    },
  };
}

function headersOf(incoming: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
}

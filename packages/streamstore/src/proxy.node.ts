import type * as Http from "node:http";
import type { Socket } from "node:net";
import { invalidArgument, S2Error, show } from "@s2-dev/streamstore-core/client";

/** How long a proxy may take to open a way, in milliseconds, unless told otherwise. */
const DEFAULT_TIMEOUT_MILLIS = 3000;

/** What of the connection options also concerns the connection to an `https:` proxy. */
export interface ProxyOptions {
  readonly timeoutMillis?: number | undefined;
  readonly ca?: unknown;
}

/**
 * Opens ways through an HTTP proxy, by CONNECT.
 * @param proxy - Its URL, as users give it.
 * @throws S2Error `INVALID_ARGUMENT` for what is no URL of a proxy.
 */
export function createTunnel(
  proxy: unknown,
  { timeoutMillis = DEFAULT_TIMEOUT_MILLIS, ca }: ProxyOptions,
): (host: string, port: number) => Promise<Socket> {
  const url = proxyUrl(proxy);
  const secure = url.protocol === "https:";
  const options: Http.RequestOptions = {
    method: "CONNECT",
    protocol: url.protocol,
    hostname: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port,
    agent: false,
    ...(secure && ca !== undefined ? { ca } : {}),
  };
  const authorization = authorizationOf(url);
  return (host, port) => {
    const target = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    return new Promise((resolve, reject) => {
      const { request } = process.getBuiltinModule(secure ? "node:https" : "node:http");
      const asking = request({ ...options, path: target, headers: { host: target, ...authorization } });
      const fail = (why: string, retryable: boolean, cause?: unknown): void => {
        clearTimeout(timer);
        asking.destroy();
        reject(
          new S2Error({
            message: `Could not connect to ${target} through the proxy ${url.host}: ${why}`,
            code: "CONNECT_FAILED",
            retryable,
            cause,
          }),
        );
      };
      const timer = setTimeout(() => fail(`no answer within ${timeoutMillis} ms`, true), timeoutMillis);
      asking.once("connect", ({ statusCode = 0 }, socket: Socket, head: Uint8Array) => {
        clearTimeout(timer);
        // Refusing is what a proxy is asked to do, and it will do it again; only its own trouble passes.
        if (statusCode >= 300) return fail(`it answered ${statusCode}`, statusCode >= 500);
        if (head.byteLength > 0) socket.unshift(head);
        resolve(socket);
      });
      asking.once("response", ({ statusCode = 0 }) => fail(`it answered ${statusCode}`, statusCode >= 500));
      asking.on("error", (error: Error) => fail(error.message, true, error));
      asking.end();
    });
  };
}

function proxyUrl(proxy: unknown): URL {
  if (typeof proxy === "string" && URL.canParse(proxy)) {
    const url = new URL(proxy);
    if (url.protocol === "http:" || url.protocol === "https:") return url;
  }
  // Not the value itself where it could have a password in it.
  throw invalidArgument(
    `connect.proxy must be an http: or https: URL; got ${typeof proxy === "string" ? "another text" : show(proxy)}`,
  );
}

/** User name and password of the URL go along as it is usual. */
function authorizationOf({ username, password }: URL): Record<string, string> {
  if (username === "" && password === "") return {};
  let both: string;
  try {
    both = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  } catch {
    throw invalidArgument("connect.proxy must have its user name and password percent-encoded");
  }
  return { "proxy-authorization": `Basic ${Buffer.from(both).toString("base64")}` };
}

import { type ClientHttp2Stream, connect, constants } from "node:http2";
import type { RawConnection, RawExchange, RawRequest } from "./http.js";

/** HTTP/2 over cleartext, with prior knowledge. */
export function connectHttp2(origin: string): RawConnection {
  const session = connect(origin);
  // Every open stream reports the connection's end itself.
  session.on("error", () => undefined);
  return {
    open({ method, path, headers, body }: RawRequest) {
      return new Promise<RawExchange>((resolve, reject) => {
        const stream = session.request(
          { ...(headers as Record<string, string | string[]>), ":method": method, ":path": path },
          { endStream: body !== undefined && body.length === 0 },
        );
        stream.on("error", reject);
        stream.once("close", () => reject(new Error(`The stream was closed with code ${stream.rstCode}`)));
        stream.once("response", (incoming) => resolve(exchangeOf(stream, incoming)));
        if (body !== undefined && body.length > 0) stream.end(body);
      });
    },
    async close() {
      session.destroy();
    },
  };
}

function exchangeOf(stream: ClientHttp2Stream, incoming: Readonly<Record<string, unknown>>): RawExchange {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming)) {
    if (!name.startsWith(":")) headers[name] = Array.isArray(value) ? value.join(", ") : String(value);
  }
  return {
    status: Number(incoming[":status"]),
    headers,
    write: (bytes) => {
      stream.write(bytes);
    },
    end: () => {
      stream.end();
    },
    chunks: bodyOf(stream),
    abort: () => {
      stream.close(constants.NGHTTP2_CANCEL);
    },
  };
}

async function* bodyOf(stream: ClientHttp2Stream): AsyncGenerator<Uint8Array> {
  yield* stream;
  // A reset looks like an end to readers. A server that ends early may say NO_ERROR for what it did not read.
  const code = stream.rstCode ?? constants.NGHTTP2_NO_ERROR;
  if (code !== constants.NGHTTP2_NO_ERROR) throw new Error(`The answer was reset with code ${code}`);
}

import type { RequestListener } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Lets a handler of web standards answer requests of `node:http`. Frameworks that speak `Request` need nothing like it. */
export function nodeListener(handle: (request: Request) => Promise<Response>): RequestListener {
  return async (incoming, outgoing) => {
    const leaving = new AbortController();
    outgoing.once("close", () => leaving.abort());
    const headers = new Headers();
    for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
    const url = new URL(incoming.url ?? "/", `http://${incoming.headers.host}`);
    const { method = "GET" } = incoming;
    const response = await handle(new Request(url, { method, headers, signal: leaving.signal }));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.flushHeaders();
    // Waits while the socket is full, and cancels the body when the client has gone.
    if (response.body === null) outgoing.end();
    else await pipeline(Readable.fromWeb(response.body as never), outgoing).catch(() => {});
  };
}

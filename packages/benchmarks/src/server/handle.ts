import { shapeOf } from "../fixture/shape.js";
import { serveAppendSession } from "./append-session.js";
import { bodyOf, type Exchange } from "./exchange.js";
import { createBatches, publish, type ReadRange, serveEvents, serveReadSession } from "./read-session.js";
import type { Streams } from "./streams.js";
import { serveUnaryAppend, serveUnaryRead } from "./unary.js";

/** Answers one request after the other; rejects for what no client of the benchmark should ask. */
export function createHandler(streams: Streams): (exchange: Exchange) => Promise<void> {
  const batches = createBatches();
  return async (exchange) => {
    const { method, url } = exchange;
    if (url.pathname === "/publish") {
      exchange.respond(204, {}).end();
      const { stream = "", start, batches: count } = Object.fromEntries(url.searchParams);
      return publish(shapeOf(stream), Number(start), Number(count), batches, streams);
    }
    const name = recordsPath(url);
    if (name === undefined) return notFound(exchange);
    const isSession = exchange.headers["content-type"] === "s2s/proto";
    if (method === "POST") {
      if (isSession) return serveAppendSession(exchange, streams.get(name));
      return serveUnaryAppend(exchange, streams.get(name));
    }
    const read = { name, shape: shapeOf(name), range: rangeOf(url) };
    if (isSession) return serveReadSession(exchange, read, batches, streams);
    if (String(exchange.headers.accept).startsWith("text/event-stream")) {
      return serveEvents(exchange, read, batches, streams);
    }
    return serveUnaryRead(exchange, read, batches, streams.get(name));
  };
}

/** The stream whose records the path names. */
function recordsPath({ pathname }: URL): string | undefined {
  const name = /^\/v1\/streams\/([^/]+)\/records$/.exec(pathname)?.[1];
  return name === undefined ? undefined : decodeURIComponent(name);
}

function rangeOf(url: URL): ReadRange {
  const count = url.searchParams.get("count");
  return {
    start: Number(url.searchParams.get("seq_num") ?? 0),
    count: count === null ? undefined : Number(count),
  };
}

async function notFound(exchange: Exchange): Promise<void> {
  await bodyOf(exchange);
  exchange
    .respond(404, { "content-type": "application/json" })
    .end('{"code":"stream_not_found","message":"no"}');
}

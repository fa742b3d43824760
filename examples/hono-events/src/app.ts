import type { S2Stream } from "@s2-dev/streamstore";
import { eventStreamResponse } from "@s2-dev/streamstore-patterns/sse";
import { Hono } from "hono";
import { PAGE } from "./page.js";

/** How soon a page that has lost its connection comes back, in milliseconds. */
const COME_BACK = 500;

/**
 * The routes: a page, what it posts, and the stream as server-sent events. The browser needs no access token, and nothing of
 * the SDK: its own `EventSource` sends the id of the last event when it comes back, which is a position in the stream.
 * `leaving` ends every stream of events; their readers come back to whoever serves then.
 */
export function createApp(stream: S2Stream, leaving?: AbortSignal): Hono {
  return new Hono()
    .get("/", (c) => c.html(PAGE))
    .post("/messages", async (c) => {
      const body = await c.req.text();
      const { start } = await stream.append({ body });
      return c.json({ seq_num: start.seq_num }, 201);
    })
    .get("/events", (c) =>
      eventStreamResponse(c.req.raw, stream, {
        // Whoever is new sees the last ten messages first.
        tail_offset: 10,
        clamp: true,
        retryMillis: COME_BACK,
        signal: leaving,
        onError: (error) => console.error("events:", error.message),
      }),
    );
}

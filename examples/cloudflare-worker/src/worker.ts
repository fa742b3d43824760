import { isS2Error, S2 } from "@s2-dev/streamstore";
import { readAll } from "@s2-dev/streamstore-patterns/reading";
import { eventStreamResponse } from "@s2-dev/streamstore-patterns/sse";

/** What `wrangler.toml` and `wrangler secret put` give the worker. */
export interface Env {
  readonly S2_ACCESS_TOKEN: string;
  readonly S2_BASIN: string;
  /** Another server than the service: both or neither. */
  readonly S2_ACCOUNT_ENDPOINT?: string;
  readonly S2_BASIN_ENDPOINT?: string;
}

const PATH = /^\/streams\/([\w-]+)(\/events)?$/;

export default {
  /**
   * `POST /streams/NAME` appends the body of the request, `GET /streams/NAME` gives all records as lines of JSON, and
   * `GET /streams/NAME/events` follows by server-sent events.
   */
  async fetch(request: Request, env: Env): Promise<Response> {
    const [, name, events] = PATH.exec(new URL(request.url).pathname) ?? [];
    if (name === undefined) return new Response("not found\n", { status: 404 });
    // A client for each request: workers do not let requests share what is under way.
    const stream = createClient(env).basin(env.S2_BASIN).stream(name);
    try {
      if (request.method === "POST") {
        const { start } = await stream.append({ body: new Uint8Array(await request.arrayBuffer()) });
        return Response.json({ seq_num: start.seq_num }, { status: 201 });
      }
      if (request.method !== "GET") return new Response("not allowed\n", { status: 405 });
      if (events !== undefined) return await eventStreamResponse(request, stream, { seq_num: 0 });
      const { tail } = await stream.checkTail();
      return linesResponse(readAll(stream), tail.seq_num);
    } catch (error) {
      if (!isS2Error(error)) throw error;
      return Response.json({ code: error.code }, { status: error.status ?? 502 });
    }
  },
};

function createClient(env: Env): S2 {
  const { S2_ACCESS_TOKEN: accessToken, S2_ACCOUNT_ENDPOINT: account, S2_BASIN_ENDPOINT: basin } = env;
  if (account === undefined || basin === undefined) return new S2({ accessToken });
  return new S2({ accessToken, endpoints: { account, basin } });
}

/** Lines of JSON as they are read: however long the stream is, the worker holds one batch of it. */
function linesResponse(records: ReturnType<typeof readAll>, count: number): Response {
  const batches = records.batches();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await batches.next();
        if (done === true) return controller.close();
        const lines = value.records.map(({ seq_num, body }) => `${JSON.stringify({ seq_num, body })}\n`);
        controller.enqueue(encoder.encode(lines.join("")));
      },
      cancel: async () => void (await batches.return(undefined)),
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    headers: { "content-type": "application/x-ndjson", "x-records": String(count) },
  });
}

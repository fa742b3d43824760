import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { S2 } from "@s2-dev/streamstore";
import { eventStreamResponse } from "@s2-dev/streamstore-patterns/sse";
import { nodeListener } from "./node-listener.js";

const stream = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("news");
await stream.append([{ body: "one" }, { body: "two" }]);

// A `Request` in, a `Response` out: the handler of Hono, Bun, Deno, Workers, Next.js ... as it is.
const handle = (request: Request): Promise<Response> =>
  eventStreamResponse(request, stream, {
    seq_num: 0,
    cursor: new URL(request.url).searchParams.get("cursor"),
  });

const server = createServer(nodeListener(handle)).listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as AddressInfo;

// In a browser: new EventSource("/events").onmessage = ({ data, lastEventId }) => show(JSON.parse(data));
const response = await fetch(`http://127.0.0.1:${port}/events`);
let text = "";
for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
  text += chunk;
  if (text.includes("caught-up")) break; // cancels the body, and with it the read session
}
console.log(text.match(/^(?:event|data): .*$/gm));

server.close();

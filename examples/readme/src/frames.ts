import { Agent } from "node:http";
import { S2 } from "@s2-dev/streamstore";
import { createFetchTransport } from "@s2-dev/streamstore-transport-fetch";
import { framedReads, pipelinedAppends } from "@s2-dev/streamstore-transport-fetch/framed";

// Binary reads and pipelined appends over HTTP/1.1; an agent (a proxy's, say) is for Node, and may be left out.
const agent = new Agent({ keepAlive: true });
const transport = createFetchTransport({ reads: framedReads(), appends: pipelinedAppends(), agent });
const s2 = new S2({ transport });
const stream = s2.basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("frames");

const session = await stream.appendSession();
const acks = ["a", "b", "c"].map((body) => session.submit({ body }));
console.log((await Promise.all(acks)).map(({ start }) => start.seq_num));
await session.close();
for await (const { body } of await stream.readSession({ seq_num: 0, count: 3, as: "bytes" }))
  console.log(body);

// What you made stays yours: the client closes neither.
await transport.close();
agent.destroy();

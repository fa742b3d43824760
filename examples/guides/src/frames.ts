import { S2 } from "@s2-dev/streamstore";
import { createFetchTransport } from "@s2-dev/streamstore-transport-fetch";
import { framedReads, pipelinedAppends } from "@s2-dev/streamstore-transport-fetch/framed";

// Sessions in binary frames over HTTP/1.1, for servers behind something that does not pass HTTP/2 on.
const transport = createFetchTransport({ reads: framedReads(), appends: pipelinedAppends() });
const stream = new S2({ transport }).basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("frames");

const session = await stream.appendSession();
const acks = [1, 2, 3].map((n) => session.submit({ body: `batch ${n}` }));
console.log((await Promise.all(acks)).map(({ start }) => start.seq_num));
await session.close();
for await (const { body } of await stream.readSession({ seq_num: 0, wait: 0 })) console.log(body);

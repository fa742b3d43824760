import { S2 } from "@s2-dev/streamstore";
import { createFetchTransport } from "@s2-dev/streamstore-transport-fetch";
import { createS2sTransport } from "@s2-dev/streamstore-transport-s2s";

const transports = [
  createFetchTransport({ connect: { timeout: 2000 } }),
  createS2sTransport({ connectionTimeoutMillis: 2000, compression: "gzip" }),
];
for (const transport of transports) {
  const stream = new S2({ transport })
    .basin(process.env.S2_BASIN ?? "my-favourite-basin")
    .stream("made-by-hand");
  console.log(transport.name, (await stream.append({ body: "hello" })).start.seq_num);
  await transport.close();
}

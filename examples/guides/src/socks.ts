import { S2 } from "@s2-dev/streamstore";
import { startLocal } from "@s2-dev/streamstore-local";
import { createFetchTransport } from "@s2-dev/streamstore-transport-fetch";
import { createS2sTransport } from "@s2-dev/streamstore-transport-s2s";
import { SocksClient } from "socks";
import { startSocks } from "./socks-server.js";

const local = await startLocal({
  tls: "self-signed",
  init: { basins: [{ name: "private-basin", streams: [{ name: "s" }] }] },
});
const proxy = await startSocks();

// Any function that gives a connected socket will do; TLS goes on top of it, from here to the service.
async function tunnel(host: string, port: number) {
  const { socket } = await SocksClient.createConnection({
    proxy: { host: "127.0.0.1", port: proxy.port, type: 5 },
    command: "connect",
    destination: { host, port },
  });
  return socket;
}
const tls = { ca: local.certificate };

for (const transport of [
  createS2sTransport({ tunnel, tls }),
  createFetchTransport({ tunnel, connect: tls }),
]) {
  const before = proxy.connections();
  const stream = new S2({ ...local.clientOptions, transport }).basin("private-basin").stream("s");
  const session = await stream.appendSession();
  await session.submit({ body: `${transport.name} through SOCKS` });
  await session.close();
  for await (const { body } of await stream.readSession({ tail_offset: 1, wait: 0 })) console.log(body);
  console.log("SOCKS used:", proxy.connections() > before);
  await transport.close();
}

proxy.close();
await local.close();

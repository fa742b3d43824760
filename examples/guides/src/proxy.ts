import { S2 } from "@s2-dev/streamstore";
import { startLocal } from "@s2-dev/streamstore-local";
import { startProxy } from "./connect-proxy.js";

const local = await startLocal({
  tls: "self-signed",
  init: { basins: [{ name: "private-basin", streams: [{ name: "s" }] }] },
});
const proxy = await startProxy();

// Nothing is taken from the environment by itself: pass `process.env.HTTPS_PROXY` where that is meant.
const s2 = new S2({ ...local.clientOptions, connect: { proxy: proxy.url, ca: local.certificate } });

for (const forceTransport of ["s2s", "fetch"] as const) {
  const before = proxy.tunnels();
  const stream = s2.basin("private-basin").stream("s", { forceTransport });
  const session = await stream.appendSession();
  await session.submit({ body: `${forceTransport} through the proxy` });
  await session.close();
  for await (const { body } of await stream.readSession({ tail_offset: 1, wait: 0 })) console.log(body);
  console.log("tunnels used:", proxy.tunnels() > before);
}

await s2.close();
proxy.close();
await local.close();

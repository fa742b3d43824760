import { type FetchLike, S2 } from "@s2-dev/streamstore";
import { startLocal } from "@s2-dev/streamstore-local";
import { ProxyAgent, fetch as undiciFetch } from "undici";
import { startProxy } from "./connect-proxy.js";

const local = await startLocal({
  tls: "self-signed",
  init: { basins: [{ name: "private-basin", streams: [{ name: "s" }] }] },
});
const proxy = await startProxy();

// A `fetch` that goes through the proxy; it makes the fetch transport the default one.
const dispatcher = new ProxyAgent({ uri: proxy.url, requestTls: { ca: local.certificate } });
const fetch: FetchLike = async (url, init) =>
  (await undiciFetch(url, { ...(init as object), dispatcher })) as unknown as Response;

const s2 = new S2({ ...local.clientOptions, fetch });
const stream = s2.basin("private-basin").stream("s");
const session = await stream.appendSession();
await session.submit({ body: "through the proxy" });
await session.close();
for await (const { body } of await stream.readSession({ seq_num: 0, wait: 0 })) console.log(body);
console.log("tunnels used:", proxy.tunnels() > 0);

await s2.close();
await dispatcher.close();
proxy.close();
await local.close();

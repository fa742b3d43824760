import { S2 } from "@s2-dev/streamstore";
import { startLocal } from "@s2-dev/streamstore-local";
import { makeCertificate, startFront } from "./tls-front.js";

const local = await startLocal({ init: { basins: [{ name: "private-basin", streams: [{ name: "s" }] }] } });
const server = await makeCertificate("server");
const client = await makeCertificate("client");
// A front that lets in only those who show a certificate it knows.
const front = await startFront(local.port, {
  ...server,
  ca: client.cert,
  requestCert: true,
  ALPNProtocols: ["h2", "http/1.1"],
});
const endpoints = { account: front.origin, basin: front.origin };

for (const forceTransport of ["s2s", "fetch"] as const) {
  const append = async (connect: Readonly<Record<string, unknown>>) => {
    await using s2 = new S2({ accessToken: "ignored", endpoints, connect, retry: { maxAttempts: 1 } });
    const stream = s2.basin("private-basin").stream("s", { forceTransport });
    return (await stream.append({ body: "hello" })).start.seq_num;
  };
  console.log(forceTransport, await append({ ca: server.cert }).catch(() => "refused"));
  console.log(forceTransport, await append({ ca: server.cert, cert: client.cert, key: client.key }));
}

front.close();
await local.close();

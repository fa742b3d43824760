import { S2 } from "@s2-dev/streamstore";
import { startLocal } from "@s2-dev/streamstore-local";
import { makeCertificate, startFront } from "./tls-front.js";

const local = await startLocal({ init: { basins: [{ name: "private-basin", streams: [{ name: "s" }] }] } });
// A front that takes ALPN away: nobody can agree on HTTP/2 with it.
const server = await makeCertificate("server");
const front = await startFront(local.port, server);

for (const forceTransport of ["s2s", "fetch"] as const) {
  await using s2 = new S2({
    accessToken: "ignored",
    endpoints: { account: front.origin, basin: front.origin },
    connect: { ca: server.cert },
    forceTransport,
  });
  const stream = s2.basin("private-basin").stream("s");
  const outcome = await stream.append({ body: "hello" }).then(
    ({ end }) => `durable, next is ${end.seq_num}`,
    (error) => `${error.code}, side effect ${error.sideEffect}`,
  );
  console.log(forceTransport, outcome);
}

front.close();
await local.close();

import { S2 } from "@s2-dev/streamstore";
import { startLocal } from "@s2-dev/streamstore-local";

// Stands for a server whose certificate comes from an authority of your own.
const local = await startLocal({ tls: "self-signed", init: { basins: [{ name: "private-basin" }] } });
const ca = local.certificate;

for (const forceTransport of ["s2s", "fetch"] as const) {
  const listOver = async (connect: { ca?: string | undefined }) => {
    await using s2 = new S2({ ...local.clientOptions, connect });
    const stream = s2.basin("private-basin").stream("s", { forceTransport });
    return await stream.checkTail();
  };
  const refused = await listOver({}).catch((error) => error);
  console.log(forceTransport, "without it:", refused.code, refused.retryable);
  const missing = await listOver({ ca }).catch((error) => error.code);
  console.log(forceTransport, "with it:", missing);
}

await local.close();

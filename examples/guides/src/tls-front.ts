import { connect } from "node:net";
import { createServer, type TlsOptions } from "node:tls";
import { generate } from "selfsigned";
import { listenHere } from "./loopback.js";

/** A certificate for 127.0.0.1 that can stand for its own authority. */
export async function makeCertificate(name: string): Promise<{ cert: string; key: string }> {
  const made = await generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] },
    ],
  });
  return { cert: made.cert, key: made.private };
}

/** What ends TLS before a server: hands on the bytes to `port` as they are. */
export async function startFront(
  port: number,
  options: TlsOptions,
): Promise<{ origin: string; close(): void }> {
  const open = new Set<{ destroy(): void }>();
  const server = createServer(options, (socket) => {
    const behind = connect(port, "127.0.0.1");
    for (const [one, other] of [
      [socket, behind],
      [behind, socket],
    ] as const) {
      open.add(one);
      one
        .on("error", () => other.destroy())
        .on("close", () => other.destroy())
        .pipe(other);
    }
  });
  server.on("tlsClientError", () => {});
  const { port: own, close } = await listenHere(server, open);
  return { origin: `https://127.0.0.1:${own}`, close };
}

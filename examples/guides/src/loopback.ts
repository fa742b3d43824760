import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";

/** Listens on a port of this machine that the system picks. Closing also ends the connections that are `open`. */
export async function listenHere(
  server: Server,
  open: ReadonlySet<{ destroy(): void }>,
): Promise<{ port: number; close(): void }> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

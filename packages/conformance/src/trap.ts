import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** An address where nothing is served, and every connection is counted. */
export interface Trap {
  readonly origin: string;
  readonly connections: number;
  close(): Promise<void>;
}

/** Opens a trap: whoever sends anything is noticed. */
export async function openTrap(): Promise<Trap> {
  let connections = 0;
  const server = createServer((socket: Socket) => {
    connections += 1;
    socket.on("error", () => undefined);
    socket.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    get connections() {
      return connections;
    },
    async close() {
      server.close();
      await once(server, "close");
    },
  };
}

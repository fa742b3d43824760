import { once } from "node:events";
import type { AddressInfo, Server, Socket } from "node:net";

/** A server of a test's own network. */
export interface NetworkNode extends AsyncDisposable {
  readonly port: number;
  /** Ends every connection, without a word. */
  cut(): void;
}

/** Has a server listen on loopback, on a port that the system picks, and keeps hold of its connections. */
export async function listenOnLoopback(server: Server): Promise<NetworkNode> {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => open.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Carries bytes both ways until one side ends. */
export function join(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.setNoDelay(true);
    from.on("error", () => undefined);
    from.once("close", () => to.destroy());
    from.pipe(to);
  }
}

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** An address that can be moved: a TCP proxy on a port of this machine. */
export interface TcpProxy {
  readonly port: number;
  /** Sends later connections to this port, and cuts those that are open. */
  leadTo(port: number): void;
  close(): Promise<void>;
}

/**
 * Forwards connections to a port of this machine, answers delayed by `delayMillis`: so batches are durable before their
 * acknowledgement is seen, and a kill finds some of them. What is under way when the server dies never arrives.
 */
export async function startTcpProxy(targetPort?: number, delayMillis = 0): Promise<TcpProxy> {
  const open = new Set<Socket>();
  let target = targetPort;
  const server = createServer((client) => {
    if (target === undefined) return void client.destroy();
    const upstream = connect(target, "127.0.0.1");
    const both = [client, upstream];
    const end = (): void => {
      for (const socket of both) {
        socket.destroy();
        open.delete(socket);
      }
    };
    for (const socket of both) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on("error", end);
      socket.on("close", end);
    }
    const answer = (chunk: Uint8Array): void => {
      if (!client.destroyed) client.write(chunk);
    };
    client.on("data", (chunk) => upstream.write(chunk));
    upstream.on("data", (chunk) => {
      if (delayMillis === 0) answer(chunk);
      else setTimeout(answer, delayMillis, chunk).unref();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    leadTo(port) {
      target = port;
      cut();
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

import { connect, createServer, type Server, type Socket } from "node:net";

/** A TCP proxy that holds back what the server says. */
export interface DelayingProxy {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Forwards connections to a port of this machine, answers delayed by `ms`: so batches are durable before their
 * acknowledgement is seen, and a kill finds some of them. What is under way when the server dies never arrives.
 */
export async function startDelayingProxy(targetPort: number, ms: number): Promise<DelayingProxy> {
  const open = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = connect(targetPort, "127.0.0.1");
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
    client.on("data", (chunk) => upstream.write(chunk));
    upstream.on("data", (chunk) => {
      setTimeout(() => {
        if (!client.destroyed) client.write(chunk);
      }, ms).unref();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no port");
  return {
    port: address.port,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

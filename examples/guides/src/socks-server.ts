import { connect, createServer, type Socket } from "node:net";
import { listenHere } from "./loopback.js";

/** A SOCKS server as `ssh -D` opens one, without a password: carries connections to hosts by name or IPv4, and counts. */
export async function startSocks(): Promise<{ port: number; connections(): number; close(): void }> {
  let connections = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const hold = (socket: Socket): void => {
      open.add(socket);
      socket.on("error", () => socket.destroy());
    };
    hold(client);
    // Each message comes whole: a client waits for the answer to the one before.
    client.once("data", () => {
      client.write(Uint8Array.of(5, 0));
      client.once("data", (request) => {
        connections += 1;
        const isName = request[3] === 3;
        const host = isName
          ? request.subarray(5, 5 + (request[4] ?? 0)).toString()
          : request.subarray(4, 8).join(".");
        const behind = connect(request.readUInt16BE(request.length - 2), host, () => {
          client.write(Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
          client.pipe(behind).pipe(client);
        });
        hold(behind);
      });
    });
  });
  return { ...(await listenHere(server, open)), connections: () => connections };
}

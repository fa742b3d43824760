import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { listenHere } from "./loopback.js";

/** A proxy as companies have them: tunnels by CONNECT, and counts. */
export async function startProxy(): Promise<{ url: string; tunnels(): number; close(): void }> {
  let tunnels = 0;
  const open = new Set<{ destroy(): void }>();
  const server: Server = createServer();
  server.on("connect", ({ url = "" }, socket, head) => {
    tunnels += 1;
    const target = new URL(`tcp://${url}`);
    const behind = connect(Number(target.port), target.hostname, () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      behind.write(head);
      behind.pipe(socket).pipe(behind);
    });
    for (const one of [socket, behind]) {
      open.add(one);
      one.on("error", () => {});
    }
  });
  const { port, close } = await listenHere(server, open);
  return { url: `http://127.0.0.1:${port}`, tunnels: () => tunnels, close };
}

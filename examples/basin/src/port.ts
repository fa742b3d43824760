import { once } from "node:events";
import { createServer } from "node:net";

/**
 * The port of a page or a worker on this machine: `PORT`, or its usual one. When something has that already, most likely an
 * earlier start, the program ends and says so in a line.
 */
export async function portToServe(usual: number): Promise<number> {
  const given = process.env.PORT || String(usual);
  const port = Number(given);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) return giveUp(`PORT is no port: ${given}`);
  const probe = createServer().listen(port, "127.0.0.1");
  try {
    await once(probe, "listening");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return giveUp(`Port ${port} is taken: end what runs there, or set PORT to another one.`);
  }
  await new Promise((closed) => probe.close(closed));
  return port;
}

function giveUp(why: string): never {
  console.error(why);
  process.exit(1);
}

import { type ChildProcess, spawn } from "node:child_process";
import { startTcpProxy } from "../servers/tcp-proxy.js";
import { freePort, killNow, type MortalServer, waitUntilHealthy } from "./mortal-server.js";

/** Where s2-lite keeps its streams on an object store. */
export interface Bucket {
  readonly name: string;
  /** What the AWS libraries read: endpoint, region, credentials. */
  readonly environment: Readonly<Record<string, string>>;
}

/** One that can be started again before the former is gone: the address then leads to the new one. */
export interface MovingServer extends MortalServer {
  /** Kills all but the one that was started last. */
  killFormer(): Promise<void>;
}

/** s2-lite on a bucket, behind an address that moves: each start is another process on another port. */
export async function createMovingLite(binary: string, bucket: Bucket): Promise<MovingServer> {
  const address = await startTcpProxy();
  const { PATH = "", HOME = "" } = process.env;
  const running: ChildProcess[] = [];
  const kill = async (): Promise<void> => {
    await Promise.all(running.splice(0).map(killNow));
  };
  return {
    port: address.port,
    async start() {
      const port = await freePort();
      const args = ["lite", "--port", String(port), "--bucket", bucket.name, "--no-dashboard"];
      const env = { PATH, HOME, SL8_MANIFEST_POLL_INTERVAL: "100ms", ...bucket.environment };
      running.push(spawn(binary, args, { env, stdio: "ignore" }));
      await waitUntilHealthy(port);
      address.leadTo(port);
    },
    kill,
    async killFormer() {
      await Promise.all(running.splice(0, running.length - 1).map(killNow));
    },
    async remove() {
      await kill();
      await address.close();
    },
  };
}

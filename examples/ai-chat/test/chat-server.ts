import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** The chat's server, as a process of its own. */
export interface ChatServer {
  readonly url: string;
  /** What it has printed so far. */
  readonly output: string;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
}

/** Starts the bundled server; `port` 0 takes a free one. */
export async function startChat(file: string, env: Record<string, string>, port = 0): Promise<ChatServer> {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(S2_|NODE_|VITEST|AI_)/.test(name)),
  );
  const child: ChildProcess = spawn(process.execPath, [file], {
    env: { ...inherited, ...env, PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const exited = once(child, "exit");
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      output += String(chunk);
      const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(output) ?? [];
      if (found !== undefined) resolve(found);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    void exited.then(() => reject(new Error(`the server has ended: ${output}`)));
  });
  return {
    url,
    get output() {
      return output;
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

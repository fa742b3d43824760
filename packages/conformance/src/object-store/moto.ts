import { execFile, spawn } from "node:child_process";
import { access, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { killNow } from "../killed-server/mortal-server.js";
import type { Bucket } from "../killed-server/moving-lite.js";

const exec = promisify(execFile);

const VERSION = "5.2.5";
/** Installed once, for all checkouts. */
const FOLDER = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"),
  "s2-streamstore-conformance",
  `moto-${VERSION}`,
);
const BINARIES = join(FOLDER, process.platform === "win32" ? "Scripts" : "bin");
const INSTALL_MILLIS = 300_000;
const START_MILLIS = 60_000;

/** An S3-compatible server of this machine. */
export interface ObjectStore {
  /** Makes a bucket, and says how s2-lite gets at it. */
  createBucket(name: string): Promise<Bucket>;
  stop(): Promise<void>;
}

/**
 * Where the command of moto's server is: `S2_MOTO_SERVER`, else one installed from PyPI into an environment of its own,
 * which takes a minute at the first time; or why there is none.
 */
export async function findMoto(): Promise<{ readonly binary: string } | { readonly missing: string }> {
  const named = process.env.S2_MOTO_SERVER;
  const binary = named === undefined || named === "" ? join(BINARIES, "moto_server") : named;
  try {
    await access(binary).catch((error: unknown) => (binary === named ? Promise.reject(error) : install()));
    return { binary };
  } catch (error) {
    return { missing: `there is no moto ${VERSION}: ${String((error as Error).message).slice(0, 500)}` };
  }
}

async function install(): Promise<void> {
  const options = { timeout: INSTALL_MILLIS };
  try {
    await exec("python3", ["-m", "venv", "--clear", FOLDER], options);
    const pip = ["install", "--quiet", "--disable-pip-version-check", `moto[server]==${VERSION}`];
    await exec(join(BINARIES, "pip"), pip, options);
  } catch (error) {
    // Half of an installation would be taken for one.
    await rm(FOLDER, { recursive: true, force: true });
    throw error;
  }
}

/** Starts moto's server on a port that the system picks. It keeps what it is given in memory, and checks no credentials. */
export async function startMoto(binary: string): Promise<ObjectStore> {
  const child = spawn(binary, ["-H", "127.0.0.1", "-p", "0"], { stdio: ["ignore", "pipe", "pipe"] });
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  const origin = await new Promise<string>((resolve, reject) => {
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        said = (said + text).slice(-4000);
        const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
        if (found !== undefined) resolve(found);
      });
    }
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${binary} ended with code ${code}\n${said}`)));
    setTimeout(() => reject(new Error(`${binary} was not up in time\n${said}`)), START_MILLIS).unref();
  }).catch((error: unknown) => {
    kill();
    throw error;
  });
  return {
    async createBucket(name) {
      const response = await fetch(`${origin}/${name}`, { method: "PUT" });
      if (!response.ok) throw new Error(`moto answered ${response.status}: ${await response.text()}`);
      return { name, environment: environmentFor(origin) };
    },
    async stop() {
      process.off("exit", kill);
      await killNow(child);
    },
  };
}

/** The credentials are any: moto asks for some, and knows none. */
function environmentFor(origin: string): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL_S3: origin,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "any",
    AWS_SECRET_ACCESS_KEY: "any",
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

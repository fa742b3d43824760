import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runProgram } from "../src/endurance/run.js";
import { localProgram } from "../src/killed-server/mortal-server.js";

const MIB = 1024 * 1024;
/** Three times what the process may have for itself. */
const STORED_MIB = 384;

let directory: string;
let children: ChildProcess[];
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "s2-local-")));
  children = [];
});
afterEach(async () => {
  for (const child of children) if (child.exitCode === null) child.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
});

interface Started {
  readonly child: ChildProcess;
  /** Where it listens; `undefined` when it ended instead. */
  readonly origin: string | undefined;
  readonly errors: () => string;
}

async function start(): Promise<Started> {
  const argv = [await localProgram(), "--port", "0", "--quiet", "--dir", directory];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let [out, errors] = ["", ""];
  const origin = await new Promise<string | undefined>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      const found = /S2_ACCOUNT_ENDPOINT=(\S+)/.exec(out)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    child.once("close", () => resolve(undefined));
  });
  return { child, origin, errors: () => errors };
}

async function createBasin(origin: string | undefined, basin: string): Promise<number> {
  const headers = { "content-type": "application/json" };
  const request = { method: "POST", headers, body: JSON.stringify({ basin }) };
  return (await fetch(`${origin}/v1/basins`, request)).status;
}

describe("s2-local on a directory", () => {
  it("is told which process has it already, and takes it over once that one is killed", async () => {
    const first = await start();
    expect(await createBasin(first.origin, "first-basin")).toBe(201);
    const second = await start();
    expect(second.origin).toBeUndefined();
    expect(second.child.exitCode).toBe(1);
    expect(second.errors()).toContain(
      `the directory ${directory} is in use by process ${first.child.pid} on `,
    );
    // The first has not noticed anything.
    expect(await createBasin(first.origin, "second-basin")).toBe(201);

    first.child.kill("SIGKILL");
    await once(first.child, "exit");
    const third = await start();
    expect(await createBasin(third.origin, "first-basin")).toBe(409);
    expect(await createBasin(third.origin, "second-basin")).toBe(409);
  });

  it("is given to one of several that start at the same time", async () => {
    await localProgram();
    const all = await Promise.all(Array.from({ length: 4 }, start));
    expect(all.filter(({ origin }) => origin !== undefined)).toHaveLength(1);
  });

  it("stops when it is told to, and leaves the directory to the next", async () => {
    const first = await start();
    expect(await createBasin(first.origin, "first-basin")).toBe(201);
    first.child.kill("SIGTERM");
    const [code] = (await once(first.child, "exit")) as [number | null];
    expect(code).toBe(0);
    const second = await start();
    expect(await createBasin(second.origin, "first-basin")).toBe(409);
  });
});

describe("a durable storage", () => {
  it("is one thread's of a process at a time", async () => {
    const met = await runProgram("two-threads", { DURABLE_DIR: directory });
    expect(met).toEqual({ beside: "DirectoryInUseError", after: "opened" });
  });
});

describe.runIf(process.platform === "linux")("a durable storage", () => {
  it("holds more than its process has memory for", async () => {
    const seen = await runProgram<{ extra: number; read: number; wrong: number }>("larger-than-memory", {
      DURABLE_DIR: directory,
      DURABLE_MIB: String(STORED_MIB),
    });
    console.log(`${(seen.extra / MIB).toFixed(1)} MiB more while ${STORED_MIB} MiB went in and out`);
    expect(seen.read).toBeGreaterThanOrEqual(STORED_MIB * MIB);
    expect(seen.wrong).toBe(0);
    expect(seen.extra).toBeLessThan((STORED_MIB / 3) * MIB);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readCommandLine } from "./arguments.js";
import { run } from "./run.js";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "s2-local-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Runs the command until it listens, looks at the server, and stops it. */
async function command(
  argv: readonly string[],
  look: (origin: string) => Promise<void> = async () => undefined,
) {
  let out = "";
  let err = "";
  let stop: (signal: string) => void = () => undefined;
  let looking: Promise<void> | undefined;
  const code = await run({
    argv,
    out(text) {
      out += text;
      const origin = /S2_ACCOUNT_ENDPOINT=(\S+)/.exec(out)?.[1];
      if (origin !== undefined) looking ??= look(origin).finally(() => stop("SIGTERM"));
    },
    err: (text) => {
      err += text;
    },
    onStop: (listener) => {
      stop = listener;
    },
  });
  await looking;
  return { code, out, err };
}

test("says how to use it, logs requests, and stops when told", async () => {
  const { code, out } = await command(["--port", "0"], async (origin) => {
    expect(await (await fetch(`${origin}/health`)).text()).toBe("OK");
  });
  expect(code).toBe(0);
  expect(out).toMatch(/export S2_BASIN_ENDPOINT=http:\/\/127\.0\.0\.1:\d+/);
  expect(out).toContain("GET /health");
  expect(out).toContain("SIGTERM: stopping");
});

test("lets faults be set over HTTP only when told so", async () => {
  const statuses: number[] = [];
  const look = async (origin: string): Promise<void> => {
    statuses.push((await fetch(`${origin}/admin/faults`)).status);
  };
  await command(["--port", "0", "--quiet"], look);
  await command(["--port", "0", "--quiet", "--admin"], look);
  expect(statuses).toEqual([404, 200]);
});

test("begins with what an init file names", async () => {
  const path = join(directory, "init.json");
  writeFileSync(path, JSON.stringify({ basins: [{ name: "from-a-file" }] }));
  const { code } = await command(["--port", "0", "--init", path, "--quiet"], async (origin) => {
    expect((await fetch(`${origin}/v1/basins/from-a-file`)).status).toBe(200);
  });
  expect(code).toBe(0);
});

test("explains itself", async () => {
  const { code, out } = await command(["--help"]);
  expect(code).toBe(0);
  for (const option of ["--port", "--host", "--init", "--help"]) expect(out).toContain(option);
});

test.each([
  [["--port", "x"], 2, "--port must be a number from 0 to 65535"],
  [["--port", "65536"], 2, "--port must be a number"],
  [["--nope"], 2, "--nope"],
  [["--init", "/does/not/exist"], 1, "cannot use the init file /does/not/exist"],
])("%j is refused", async (argv, expected, message) => {
  const { code, err } = await command(argv);
  expect(code).toBe(expected);
  expect(err).toContain(message);
});

test("listens on this machine only unless told otherwise", () => {
  expect(readCommandLine([])).toMatchObject({ host: "127.0.0.1", port: 8080 });
  expect(readCommandLine(["--host", "0.0.0.0"]).host).toBe("0.0.0.0");
});

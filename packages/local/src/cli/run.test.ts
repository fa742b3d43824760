import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { certificateOf } from "../http/certificate.js";
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
  environment: Readonly<Record<string, string>> = {},
) {
  let out = "";
  let err = "";
  let stop: (signal: string) => void = () => undefined;
  let looking: Promise<void> | undefined;
  const code = await run({
    argv,
    environment,
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
  expect(out).toMatch(/GET \/health 200 \d+\.\d ms/);
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

test("has a page to look at it unless told otherwise", async () => {
  const allowed: (string | null)[] = [];
  const look = async (origin: string): Promise<void> => {
    const answer = await fetch(`${origin}/dashboard`, { method: "DELETE" });
    allowed.push(answer.headers.get("allow"));
  };
  const { out } = await command(["--port", "0", "--quiet"], look);
  expect(out).toMatch(/Look at it on http:\/\/127\.0\.0\.1:\d+\/dashboard/);
  const without = await command(["--port", "0", "--quiet", "--no-dashboard"], look);
  expect(without.out).not.toContain("dashboard");
  expect(allowed).toEqual(["GET,HEAD", null]);
});

test("begins with what an init file names", async () => {
  const path = join(directory, "init.json");
  writeFileSync(path, JSON.stringify({ basins: [{ name: "from-a-file" }] }));
  const { code } = await command(["--port", "0", "--init", path, "--quiet"], async (origin) => {
    expect((await fetch(`${origin}/v1/basins/from-a-file`)).status).toBe(200);
  });
  expect(code).toBe(0);
});

test("keeps everything in a directory that it is given, and leaves it to the next", async () => {
  const argv = ["--port", "0", "--quiet", "--dir", join(directory, "data")];
  const body = JSON.stringify({ basin: "kept-in-a-directory" });
  const headers = { "content-type": "application/json" };
  const { code, out } = await command(argv, async (origin) => {
    expect((await fetch(`${origin}/v1/basins`, { method: "POST", body, headers })).status).toBe(201);
    const { err } = await command(argv);
    expect(err).toContain(`${join(directory, "data")} is in use by process ${process.pid}`);
  });
  expect(code).toBe(0);
  expect(out).toContain(`(in ${join(directory, "data")})`);
  await command(argv, async (origin) => {
    expect((await fetch(`${origin}/v1/basins/kept-in-a-directory`)).status).toBe(200);
  });
});

test("demands the token that it is given, on the command line or in the environment", async () => {
  const statuses: number[] = [];
  const look = async (origin: string): Promise<void> => {
    const authorization = "Bearer secret";
    statuses.push((await fetch(`${origin}/v1/basins`)).status);
    statuses.push((await fetch(`${origin}/v1/basins`, { headers: { authorization } })).status);
  };
  const { out } = await command(["--port", "0", "--quiet", "--token", "secret"], look);
  expect(out).not.toContain("secret");
  await command(["--port", "0", "--quiet"], look, { S2_LOCAL_TOKEN: "secret" });
  expect(statuses).toEqual([401, 200, 401, 200]);
});

test("speaks TLS with a certificate of its own, or with the one in files", async () => {
  const origins: string[] = [];
  const look = async (origin: string): Promise<void> => void origins.push(origin);
  const { out } = await command(["--port", "0", "--tls"], look);
  expect(out).toContain("S2_SSL_NO_VERIFY=true");
  const made = await certificateOf("self-signed", "127.0.0.1");
  const [cert, key] = [join(directory, "cert.pem"), join(directory, "key.pem")];
  writeFileSync(cert, made?.cert ?? "");
  writeFileSync(key, made?.key ?? "");
  const files = ["--tls-cert", cert, "--tls-key", key];
  await command(["--port", "0", ...files], async (origin) => {
    origins.push(origin);
    await new Promise<void>((resolve, reject) => {
      const asked = request(`${origin}/health`, { ca: made?.cert, agent: false }, (answer) => {
        answer.resume();
        resolve();
      });
      asked.on("error", reject).end();
    });
  });
  expect(origins).toEqual([expect.stringMatching(/^https:/), expect.stringMatching(/^https:/)]);
});

test("names every option when it is asked for help", async () => {
  const { code, out } = await command(["--help"]);
  expect(code).toBe(0);
  for (const option of [
    "--port",
    "--host",
    "--dir",
    "--init",
    "--token",
    "--tls",
    "--tls-cert",
    "--tls-key",
    "--no-dashboard",
    "--help",
  ])
    expect(out).toContain(option);
});

test.each([
  [["--port", "x"], 2, "--port must be a number from 0 to 65535"],
  [["--port", "65536"], 2, "--port must be a number"],
  [["--nope"], 2, "--nope"],
  [["--tls-cert", "x"], 2, "must be given together"],
  [["--tls-key", "x"], 2, "must be given together"],
  [["--tls", "--tls-cert", "x", "--tls-key", "y"], 2, "leave it out"],
  [["--dir", ""], 2, "--dir must not be empty"],
  [["--dir", "/dev/null"], 1, "cannot use the directory /dev/null"],
  [["--token", ""], 2, "--token must not be empty"],
  [["--tls-cert", "/does/not/exist", "--tls-key", "y"], 1, "cannot read /does/not/exist"],
  [["--init", "/does/not/exist"], 1, "cannot use the init file /does/not/exist"],
])("%j is refused", async (argv, expected, message) => {
  const { code, err } = await command(argv);
  expect(code).toBe(expected);
  expect(err).toContain(message);
});

test("names the variable whose token is empty", async () => {
  const { code, err } = await command([], undefined, { S2_LOCAL_TOKEN: "" });
  expect(code).toBe(2);
  expect(err).toContain("S2_LOCAL_TOKEN must not be empty");
});

test("listens on this machine only unless told otherwise", () => {
  expect(readCommandLine([])).toMatchObject({ host: "127.0.0.1", port: 8080 });
  expect(readCommandLine(["--host", "0.0.0.0"]).host).toBe("0.0.0.0");
});

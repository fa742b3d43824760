// Runs a command against an s2-lite of its own: node .ci/with-s2-lite.mjs COMMAND [ARGUMENT...]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const [command, ...args] = process.argv.slice(2);
const port = await freePort();
const origin = `http://127.0.0.1:${port}`;

const binary = process.env.S2_LITE_BIN || "s2";
const server = spawn(binary, ["lite", "--port", String(port)], {
  stdio: ["ignore", "ignore", "inherit"],
  env: { ...process.env, SL8_MANIFEST_POLL_INTERVAL: "100ms" },
});
const gone = new Promise((resolve) => {
  server.once("exit", () => resolve(true));
  server.once("error", (error) => {
    console.error(
      `s2-lite (S2_LITE_BIN, else s2: ${JSON.stringify(binary)}) did not start: ${error.message}`,
    );
    resolve(true);
  });
});

try {
  await healthy();
  const child = spawn(command, args, {
    stdio: "inherit",
    env: {
      ...process.env,
      S2_ACCESS_TOKEN: "ignored",
      S2_ACCOUNT_ENDPOINT: origin,
      S2_BASIN_ENDPOINT: origin,
    },
  });
  const [status] = await once(child, "exit");
  process.exitCode = status ?? 1;
} finally {
  server.kill("SIGTERM");
  if (!(await Promise.race([gone, sleep(15_000, false, { ref: false })]))) server.kill("SIGKILL");
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port: free } = probe.address();
  probe.close();
  await once(probe, "close");
  return free;
}

async function healthy() {
  for (let attempt = 0; attempt < 300; attempt++) {
    const answer = await fetch(`${origin}/health`).catch(() => undefined);
    if (answer?.ok) return;
    if (await Promise.race([gone, sleep(100, false)])) throw new Error("s2-lite ended before it was ready");
  }
  throw new Error("s2-lite was not ready within 30 s");
}

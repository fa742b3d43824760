import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { S2 } from "@s2-dev/streamstore";
import { useLocal } from "@s2-dev/streamstore-local/vitest";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { take } from "../src/expecting.js";

describe("in vitest", () => {
  const server = useLocal({
    stillClock: true,
    init: { basins: [{ name: "tested-basin", streams: [{ name: "s" }] }] },
  });

  test.each([1, 2])("each test has a server of its own (%i), on a clock that it moves", async () => {
    await using client = new S2(server.clientOptions);
    const stream = client.basin("tested-basin").stream("s");
    const first = await stream.append({ body: "a" });
    await server.clock.advance(5000);
    const second = await stream.append({ body: "b" });
    expect(first.start.seq_num).toBe(0);
    expect(second.start.timestamp - first.start.timestamp).toBe(5000);
    const [record] = await take(await stream.readSession({ seq_num: 1 }), 1);
    expect(record?.body).toBe("b");
  });
});

test("node:test has the same", async () => {
  const folder = await mkdtemp(join(tmpdir(), "s2-runners-"));
  try {
    const program = join(folder, "node-test.mjs");
    await build({
      entryPoints: [fileURLToPath(new URL("../src/runners/node-test.ts", import.meta.url))],
      outfile: program,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      conditions: ["@s2-dev/source"],
      external: ["lmdb", "selfsigned", "undici"],
      banner: {
        js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
      },
    });
    const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...environment } = process.env;
    const run = spawnSync(process.execPath, ["--test-reporter=tap", program], {
      encoding: "utf8",
      env: environment,
    });
    expect({ status: run.status, stderr: run.stderr, stdout: run.stdout }).toMatchObject({ status: 0 });
    expect(run.stdout).toContain("# pass 2");
  } finally {
    await rm(folder, { recursive: true });
  }
});

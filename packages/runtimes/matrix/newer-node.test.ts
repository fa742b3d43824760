import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, inject, it } from "vitest";

const packages = fileURLToPath(new URL("../../", import.meta.url));
const runner = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
const found = inject("surroundings").provisions.node22;
/** One run alone may take so long, in milliseconds. */
const PATIENCE = 500_000;

/** The tests that say more on a Node.js with zstd, and those of what runs there alone, by their package. */
const SUITES: Readonly<Record<string, readonly string[]>> = {
  conformance: [
    ...["compressing", "http-encodings", "session-compressing"].map(
      (topic) => `test/topics/${topic}.test.ts`,
    ),
    // Version 7 of the AI SDK needs Node.js 22.
    "test/ai-sdk.test.ts",
  ],
  "transport-fetch": ["src/compression.test.ts"],
  "transport-s2s": ["src/compression.test.ts"],
};

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Runs tests of a package with another Node.js, and gives what became of each. */
async function run(binary: string, name: string, files: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), "newer-node-"));
  const outputFile = join(folder, "report.json");
  // Its results are this test's, and not counted by themselves.
  const { S2_TEST_RESULTS: _, ...env } = process.env;
  try {
    const args = [runner, "run", ...files, "--reporter=json", `--outputFile=${outputFile}`];
    const options = { cwd: join(packages, name), env, timeout: PATIENCE, maxBuffer: 2 ** 26 };
    const failure = await new Promise<string>((resolve) => {
      execFile(binary, args, options, (error, stdout, stderr) =>
        resolve(error === null ? "" : `${error.message}\n${stdout}${stderr}`),
      );
    });
    const report = await readFile(outputFile, "utf8").catch(() => '{"testResults":[]}');
    const { testResults } = JSON.parse(report) as Report;
    return { failure, tests: testResults.flatMap(({ assertionResults }) => assertionResults) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe.skipIf(found === undefined || "missing" in found)("zstd, which Node.js has from 22.15 on,", () => {
  it.each(Object.entries(SUITES))("works wherever %s uses it", async (name, files) => {
    if (found === undefined || "missing" in found) throw new Error("it is not here");
    const { failure, tests } = await run(found.binary, name, files);
    expect(failure).toBe("");
    const ofZstd = tests.filter(({ fullName, status }) => fullName.includes("zstd") && status === "passed");
    expect(ofZstd.length).toBeGreaterThan(0);
    if (name !== "conformance") return;
    const ofAi7 = tests.filter(({ fullName, status }) => /\bai 7\b/.test(fullName) && status === "passed");
    for (const server of ["local", "s2-lite"]) {
      if (server === "s2-lite" && inject("surroundings").s2Lite === undefined) continue;
      const onServer = ofAi7.filter(({ fullName }) => fullName.includes(`on ${server}`));
      expect(onServer.length, `ai 7 on ${server}`).toBeGreaterThan(1);
    }
    for (const pair of ["fetch x local", "s2s x local", "fetch x s2-lite", "s2s x s2-lite"]) {
      if (pair.endsWith("s2-lite") && inject("surroundings").s2Lite === undefined) continue;
      const onPair = ofZstd.filter(({ fullName }) => fullName.includes(pair));
      expect(onPair.length, pair).toBeGreaterThan(1);
    }
  });
});

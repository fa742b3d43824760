/**
 * Breaks the sources on purpose, one way at a time, and expects tests to notice. `vitest run` tries a handful;
 * `pnpm --filter @s2-dev/streamstore-core mutations` tries them all.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type Mutation, mutations } from "./list.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const runner = fileURLToPath(new URL("vitest.mjs", import.meta.resolve("vitest/package.json")));
/** Vitest's `--mode`. */
const { MODE } = (import.meta as ImportMeta & { readonly env: { readonly MODE: string } }).env;
const isComplete = MODE === "all";

/** As far as it is looked at here. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

/** Titles of the tests that fail on the broken sources. */
async function failuresOn({ tests }: Mutation, index: number): Promise<string[]> {
  const { S2_TEST_RESULTS: _, ...inherited } = process.env;
  const child = spawn(
    process.execPath,
    [runner, "run", "--config", "test/mutations/mutated.config.ts", "--reporter=json", ...tests],
    { cwd: root, env: { ...inherited, S2_MUTATION: String(index) }, stdio: ["ignore", "pipe", "pipe"] },
  );
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  await once(child, "close");
  const json = output.stdout.slice(output.stdout.indexOf('{"numTotalTestSuites"'));
  if (!json.startsWith("{")) throw new Error(`no report:\n${output.stdout}${output.stderr}`);
  const { testResults } = JSON.parse(json) as Report;
  const assertions = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failures = assertions.filter(({ status }) => status === "failed").map(({ title }) => title);
  // Files behind the first failure are not run; one that cannot even be loaded says why.
  const broken = testResults.find(
    ({ message, assertionResults }) => message !== "" && assertionResults.length === 0,
  );
  if (broken !== undefined) throw new Error(`${broken.name} could not be loaded: ${broken.message}`);
  if (assertions.length === 0) throw new Error("no test ran");
  return failures;
}

describe("the tests notice code that", () => {
  const chosen = mutations
    .map((mutation, index) => [mutation.does, mutation, index] as const)
    .filter(([, { isQuick }]) => isComplete || isQuick === true);

  it.each(chosen)("%s", { timeout: 300_000 }, async (_, mutation, index) => {
    const failures = await failuresOn(mutation, index);
    if (isComplete) console.log(`noticed by: ${failures[0]}`);
    expect(failures).not.toEqual([]);
  });
});

describe("the list of mutations", () => {
  it("names places that are there exactly once, also of those that are tried only on demand", () => {
    const astray = mutations.filter(
      ({ file, find }) => readFileSync(`${root}src/${file}`, "utf8").split(find).length !== 2,
    );
    expect(astray.map(({ does }) => does)).toEqual([]);
  });
});

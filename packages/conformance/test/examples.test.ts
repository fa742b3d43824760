import { existsSync, readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { bundlePrograms } from "../src/bundling.js";
import { runProgram, useProgramServer } from "../src/programs.js";

const examples = fileURLToPath(new URL("../../../examples/", import.meta.url));

type Program = readonly [name: string, output: RegExp, onS2Lite?: RegExp];

/** Examples that are one program each, with what it must print, and what on s2-lite where that differs. */
const PROGRAMS: readonly Program[] = [
  [
    "typed-client",
    new RegExp(
      [
        "^refused: cents \\(schema\\)",
        "506100 cents ordered, the longest reason has 3000000 characters",
        'The message at sequence number \\d+ \\(type "ordered", version 2\\) does not fit its schema: cents: .*',
        "next is cancelled A1 at 1\n$",
      ].join("\n"),
    ),
  ],
  [
    "multimodal-chat",
    new RegExp(
      [
        "^system: The chat begins.",
        "ann: What is in these pictures\\?.*",
        "ann: an image of 5242880 bytes, whole",
        "ann: an image of 5242880 bytes, whole",
        "model: Noise, with a gradient — 噪声. Here you are:",
        "model: 40 characters of ts",
        "model: an image of 5242880 bytes, whole\n$",
      ].join("\n"),
    ),
  ],
  [
    "key-value-view",
    /^20 keys of 500 changes\ntrimmed 500, then read 30 changes; views are the same\ntheme is now dark\n$/,
  ],
  [
    "work-queue",
    /^a worker dies in the middle of job-4\nthe others did 9 jobs\n11 of 12 are done, each recorded once\njob-5 failed 3 times and is left to people\n$/,
  ],
  ["exactly-once-consumer", /^6 crashes, 200 bookings of 200 payments, balances right\n$/],
  [
    "image-stream",
    /^sent rings\.bmp \(image\/bmp\): 3686454 bytes in 17 records\nSHA-256 ([0-9a-f]{64})\nreceived rings\.bmp \(image\/bmp\): 3686454 bytes\nSHA-256 \1: the same\nlook at .*\n$/,
  ],
  [
    "bulk-transfer",
    /^import: stopped, then on from (?:39|4\d|5\d) %\nexport: stopped, then on from (?:39|4\d|5\d) %\nthe copy is the same\n$/,
  ],
  [
    "metrics-plot",
    /^the last three hours of .*\n\n(?:.* {2}[▁▂▃▄▅▆▇█ ]+ {2}max .*\n)+\nthe same as a picture: .*\n$/,
    /^Nothing to plot: this server keeps no metrics and answers 501\. The service does, and s2-local\.\n$/,
  ],
  [
    "shared-document",
    new RegExp(
      [
        "^(?:(?:ann|bob): Note: A log only grows\\. Or does it\\?\n){2}bob is offline with 2 edits; the stream had 3\\d records",
        "ann has made a snapshot of them",
        ...["ann", "bob", "cid"].map(
          (name) =>
            `${name}: \\[bob was on a train\\] Note: A log only grows\\. It is trimmed behind a snapshot\\.`,
        ),
        "cid is new, and has read 2 messages\n$",
      ].join("\n"),
    ),
  ],
];

/** Those whose figures are of one run: a basin that an earlier run was in changes nothing. */
const AGAIN = ["typed-client", "key-value-view", "work-queue", "exactly-once-consumer"];

/** Those that are shown, and run, otherwise. */
const ELSEWHERE = ["ai-chat", "ai-stream-tee", "patterns", "quickstart", "readme", "telemetry"];

/** Examples that are many programs, each shown on some page, and those that the tests of pages run. */
const COLLECTIONS = ["readme", "patterns", "guides"];
const SHOWN: readonly Program[] = [
  ["telemetry", /^append orders 0\ncheckout 0\nread orders 0\nfulfil 1\n$/],
  ["ai-stream-tee", /\n15 pieces, the same text\n$/],
  ["quickstart", /the embedded one[\s\S]*deleted again\n$/],
];

const startOf = (name: string): string =>
  JSON.parse(readFileSync(`${examples}${name}/package.json`, "utf8")).scripts.start ?? "";
/** Whether `start` gives a program its basin by way of the environment. */
const isGivenBasin = (name: string): boolean => startOf(name).startsWith("node ../basin/dist/run.js ");
/** What a build of a collection makes: a file for each of its programs. */
function programsOf(collection: string): string[] {
  const config = readFileSync(`${examples}${collection}/tsup.config.ts`, "utf8");
  const files = readdirSync(`${examples}${collection}/src`);
  return files.filter((file) => !config.includes(`"!src/${file}"`)).map((file) => file.replace(/\.ts$/, ""));
}

let folder: string;

beforeAll(async () => {
  const entries = [...PROGRAMS, ...SHOWN].map(([name]) => [name, `${examples}${name}/src/main.ts`]);
  const collected = COLLECTIONS.flatMap((name) =>
    programsOf(name).map((program) => [`${name}/${program}`, `${examples}${name}/src/${program}.ts`]),
  );
  const run = ["run", `${examples}basin/src/run.ts`];
  folder = await bundlePrograms(Object.fromEntries([...entries, ...collected, run]));
});

describe.each(["local", "s2-lite"] as const)("on %s, as processes of their own, examples run:", (name) => {
  const server = useProgramServer(name);

  it.each(PROGRAMS.map(([program, output, onS2Lite = output]) => ({ program, output, onS2Lite })))(
    "$program",
    {
      skip: server.skip,
    },
    async ({ program, output, onS2Lite }) => {
      const run = await runProgram(join(folder, `${program}.mjs`), [], server.environment());
      const expected = name === "local" ? output : onS2Lite;
      expect(run).toEqual({ code: 0, stderr: "", stdout: expect.stringMatching(expected) });
    },
  );

  const again = PROGRAMS.filter(([program]) => AGAIN.includes(program));
  it.each(again.map(([program, output]) => ({ program, output })))(
    "$program, once more in the same basin",
    { skip: server.skip },
    async ({ program, output }) => {
      const run = await runProgram(join(folder, `${program}.mjs`), [], server.environment());
      expect(run).toEqual({ code: 0, stderr: "", stdout: expect.stringMatching(output) });
    },
  );
});

describe("given a server by a part of what names one, `start`", () => {
  const server = useProgramServer("local");
  const start = (environment: Readonly<Record<string, string>>) =>
    runProgram(join(folder, "run.mjs"), [join(folder, "telemetry.mjs")], environment);

  it("needs no token where there are endpoints", async () => {
    const { S2_ACCESS_TOKEN: _, ...others } = server.environment();
    expect(await start(others)).toMatchObject({ code: 0, stdout: expect.stringContaining("checkout") });
  });

  it.each(["S2_ACCOUNT_ENDPOINT", "S2_BASIN_ENDPOINT"])("does not pass over %s alone", async (name) => {
    const { code, stdout, stderr } = await start({ [name]: "http://127.0.0.1:1" });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(`${name} configures one endpoint only`);
  });
});

it.each(COLLECTIONS)("%s is built by the options that all are", (name) => {
  expect(readFileSync(`${examples}${name}/tsup.config.ts`, "utf8")).toContain("export default program(");
});

describe("with nothing set, as `start` runs them, on a server within the process, examples run:", () => {
  // No key for a real model, whose words are its own.
  const environment = { AI_GATEWAY_API_KEY: "" };
  const run = (name: string) => {
    const program = join(folder, `${name}.mjs`);
    return isGivenBasin(name)
      ? runProgram(join(folder, "run.mjs"), [program], environment)
      : runProgram(program, [], environment);
  };
  const runCollection = (name: string, args: readonly string[] = []) =>
    runProgram(join(folder, "run.mjs"), [join(folder, name), ...args], environment, 240_000);

  it.each([...PROGRAMS, ...SHOWN].map(([program, output]) => ({ program, output })))(
    "$program",
    async ({ program, output }) => {
      expect(await run(program)).toEqual({ code: 0, stderr: "", stdout: expect.stringMatching(output) });
    },
  );

  it.each(COLLECTIONS)("all of %s, one after the other", { timeout: 300_000 }, async (name) => {
    const { code, stdout, stderr } = await runCollection(name);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect([...stdout.matchAll(/^--- (.*)$/gm)].map(([, program]) => program)).toEqual(
      programsOf(name).sort(),
    );
  });

  it("one of a collection by its name, and no other", async () => {
    const { code, stdout } = await runCollection("readme", ["follow"]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^--- follow\nresume from .*\n$/),
    });
  });

  it("none that is not there, but the names of those that are", async () => {
    const { code, stdout, stderr } = await runCollection("readme", ["folow"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^There is no folow; there are append-and-read, .*, transports\.\n$/);
  });
});

describe("every example that is a program", () => {
  const names = PROGRAMS.map(([name]) => name);

  it("is run", () => {
    const withMain = readdirSync(examples).filter((name) => existsSync(`${examples}${name}/src/main.ts`));
    expect(withMain.filter((name) => !ELSEWHERE.includes(name)).sort()).toEqual([...names].sort());
  });

  it.each(names)("%s says where something else is better", async (name) => {
    expect(await readFile(`${examples}${name}/README.md`, "utf8")).toContain(
      "**Where something else is better**",
    );
  });
});

describe("every folder of examples", () => {
  const NOT_STARTED = ["basin", "quickstart"];
  const folders = readdirSync(examples, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

  it("is in the table of the README, and nothing else is", async () => {
    const page = await readFile(`${examples}../README.md`, "utf8");
    const [, table = ""] = /^## Examples$([\s\S]*?)^## /m.exec(page) ?? [];
    const linked = [...table.matchAll(/\]\(examples\/([\w-]+)\)/g)].map(([, name]) => name);
    expect(linked.sort()).toEqual(folders.sort());
  });

  it.each(folders)("%s has a README that says by which command it runs", async (name) => {
    const page = await readFile(`${examples}${name}/README.md`, "utf8");
    const command = NOT_STARTED.includes(name)
      ? /openBasin|pnpm quickstart/
      : new RegExp(`^pnpm build +#.*\\npnpm --filter @s2-dev/example-${name} start\\b`, "m");
    expect(page).toMatch(command);
  });

  it.each(folders.filter((name) => !NOT_STARTED.includes(name)))(
    "%s has a program that runs with nothing set: its own, or by the server that it is given",
    (name) => {
      const files = readdirSync(`${examples}${name}/src`).filter((file) => file.endsWith(".ts"));
      const sources = files.map((file) => readFileSync(`${examples}${name}/src/${file}`, "utf8"));
      expect(isGivenBasin(name) || sources.some((text) => /openBasin\(|startLocal\(/.test(text))).toBe(true);
    },
  );
});

import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { bundlePrograms } from "../src/bundling.js";
import { runProgram, useProgramServer } from "../src/programs.js";

const examples = fileURLToPath(new URL("../../../examples/", import.meta.url));

/** Examples that are one program each, with what it must print. */
const PROGRAMS: readonly (readonly [name: string, output: RegExp])[] = [
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
];

/** Those that are shown, and run, otherwise. */
const ELSEWHERE = ["ai-chat", "ai-stream-tee", "patterns", "quickstart", "readme", "telemetry"];

let folder: string;

beforeAll(async () => {
  const entries = PROGRAMS.map(([name]) => [name, `${examples}${name}/src/main.ts`]);
  folder = await bundlePrograms(Object.fromEntries(entries));
});

describe.each(["local", "s2-lite"] as const)("on %s, as processes of their own, examples run:", (name) => {
  const server = useProgramServer(name);

  it.each(PROGRAMS)("%s", { skip: server.skip }, async (program, output) => {
    const run = await runProgram(join(folder, `${program}.mjs`), [], server.environment());
    expect(run).toEqual({ code: 0, stderr: "", stdout: expect.stringMatching(output) });
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

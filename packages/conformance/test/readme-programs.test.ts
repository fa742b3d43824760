import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { bundlePrograms } from "../src/bundling.js";
import { runProgram, useProgramServer } from "../src/programs.js";

const here = fileURLToPath(new URL("./programs/", import.meta.url));
const examples = fileURLToPath(new URL("../../../examples/", import.meta.url));

/** The programs that the README shows, in its order: later ones read what earlier ones wrote. */
const README_PROGRAMS: readonly (readonly [name: string, output: RegExp])[] = [
  ["append-and-read", /^appended 0 to 1\n0 Hello, world! .*foo: 'bar'.*\n1 .*type: 'binary'/],
  ["follow", /^0 Hello, world!\n1 .*\nresume from \{ seq_num: 2, timestamp: \d+ \}\n$/],
  ["append-session", /^3 5\n\{\n {2}start: \{ seq_num: 5, /],
  ["backpressure", /^durable up to 10000\n$/],
  ["retry", /^somebody was faster; the next position is 7\n$/],
  ["transports", /^\{ tail: \{ seq_num: 7, timestamp: \d+ \} \}\n\[/],
  [
    "frames",
    /^\[ 0, 1, 2 \]\nUint8Array\(1\) \[ 97 \]\nUint8Array\(1\) \[ 98 \]\nUint8Array\(1\) \[ 99 \]\n$/,
  ],
  ["follower", /^records so far: 7\n0 Hello, world!\n[\s\S]*\n6 .*\n$/],
  ["patterns", /^user 20\nassistant 1700000\n$/],
  ["observe", /^S2 session opened \{[\s\S]*S2 session ended \{[\s\S]*batches: 1,[\s\S]*\}\n$/],
  ["testing", /^1\n$/],
];

/** The programs that the README of the patterns shows; the last of them needs a server that issues tokens. */
const PATTERNS_PROGRAMS: readonly (readonly [name: string, output: RegExp])[] = [
  ["read-all", /^0 one\n1 two\n3 three\n3\n\[ 'two', 'three' \]\n$/],
  [
    "append-all",
    /^(?:\d+ records are durable, up to \d+\n)+2500 0 Not everything was appended: 2500 records are durable, and no other\. .*the file is damaged\n$/,
  ],
  ["lease", /^held by worker-1\nThe lease was released\n$/],
  // Trims take effect in the background.
  ["resume", /^(?:records 2 to 2 are gone|then three)\nthen four\n$/],
  ["catch-up", /^up to 2 it was 1:0, 1:1\nand now 2:1\n$/],
  ["events", /'event: caught-up'/],
  [
    "answers",
    /^"delta":"Once " "delta":"upon " "delta":"a " "delta":"time"\nstopped: stopped\nuser: Tell me a story\nassistant: Once upon a time\nuser: Another one\n/,
  ],
  [
    "typed",
    /^A1 1 -\nA2 0 web\nA3 0 web\nitems\.0\.price The message does not fit its schema: items\[0\]\.price: .*\n$/,
  ],
  ["typed-lease", /^100 250 4\n$/],
  ["scoped-tokens", /^\[ 'read', 'check-tail' \] <redacted>\n\[ 'append', 'check-tail', 'trim' \]\n$/],
];

/** Programs as people have written them for the older releases; each runs over both transports. */
const OLDER_PROGRAMS: readonly (readonly [name: string, output: RegExp])[] = [
  ["list-basins", /^basins: true false\n$/],
  [
    "append-read-follow",
    new RegExp(
      ["read", "followed"]
        .map((how) => `${how} \\["Hello, world!",{"foo":"bar"}\\]\\n${how} \\["\\\\u0001.*"binary"}\\]\\n`)
        .join(""),
    ),
  ],
  ["append-session", /^acked 1\nread ack 3\niterated ack 4\niterated ack 5\n$/],
  ["pipes", /^sum 4950\n$/],
  ["messages", /^matching 3\n$/],
];

/** A guard against hanging alone: ten seconds on a calm machine. In milliseconds. */
const COMPILING = 280_000;

let folder: string;

beforeAll(async () => {
  folder = await bundlePrograms({
    ...Object.fromEntries(
      README_PROGRAMS.map(([name]) => [`readme/${name}`, `${examples}readme/src/${name}.ts`]),
    ),
    ...Object.fromEntries(
      PATTERNS_PROGRAMS.map(([name]) => [`patterns/${name}`, `${examples}patterns/src/${name}.ts`]),
    ),
    ...Object.fromEntries(OLDER_PROGRAMS.map(([name]) => [`older/${name}`, `${here}${name}.ts`])),
    quickstart: `${examples}quickstart/src/main.ts`,
    telemetry: `${examples}telemetry/src/main.ts`,
    "ai-stream-tee": `${examples}ai-stream-tee/src/main.ts`,
  });
});

describe("the programs of the README and of older code", () => {
  it("compile under strict settings [D2-17]", async () => {
    const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
    expect(await runProgram(compiler, ["--noEmit", "-p", `${here}tsconfig.json`], {}, COMPILING)).toEqual({
      code: 0,
      stdout: "",
      stderr: "",
    });
  });
});

describe.each(["local", "s2-lite"] as const)(
  "on %s, as processes of their own, programs run and end by themselves",
  (name) => {
    const server = useProgramServer(name);
    const { skip } = server;

    async function expectOutput(
      program: string,
      output: RegExp,
      more: Readonly<Record<string, string>> = {},
    ): Promise<void> {
      const { code, stdout, stderr } = await runProgram(join(folder, `${program}.mjs`), [], {
        ...server.environment(),
        ...more,
      });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(output);
    }

    it.each(README_PROGRAMS)("the README's %s [D2-17]", { skip }, (program, output) =>
      expectOutput(`readme/${program}`, output),
    );

    it.each(["once", "and once more, on the same stream"])("the example of OpenTelemetry, %s", { skip }, () =>
      expectOutput("telemetry", /^append orders 0\ncheckout 0\nread orders 0\nfulfil 1\n$/),
    );

    it("the example of a model's text that is teed", { skip }, () =>
      expectOutput("ai-stream-tee", /^A log only grows\. .* nothing is lost\.\n15 pieces, the same text\n$/, {
        AI_GATEWAY_API_KEY: "",
      }),
    );

    // By way of the gateway that the key is for; its words are its own.
    it(
      "the same of a real model, when there is a key for one",
      { skip: skip || !process.env.AI_GATEWAY_API_KEY },
      () => expectOutput("ai-stream-tee", /^[\s\S]+\n\d+ pieces, the same text\n$/),
    );

    it.each(PATTERNS_PROGRAMS.filter(([program]) => name === "local" || program !== "scoped-tokens"))(
      "the patterns' %s",
      { skip },
      (program, output) => expectOutput(`patterns/${program}`, output, { AI_GATEWAY_API_KEY: "" }),
    );

    it(
      "the patterns' answers of a real model, when there is a key for one",
      { skip: skip || !process.env.AI_GATEWAY_API_KEY, timeout: 120_000 },
      () =>
        expectOutput(
          "patterns/answers",
          /^"delta":[\s\S]+\nstopped: \w+\nuser: Tell me a story\nassistant: [\s\S]+\nuser: Another one\n/,
        ),
    );

    it("the quick start", { skip }, () => expectOutput("quickstart", /seen at once[\s\S]*deleted again\n$/));

    describe.each(["s2s", "fetch"])("over %s", (transport) => {
      it.each(OLDER_PROGRAMS)("older code: %s [D2-17, D2-12]", { skip }, (program, output) =>
        expectOutput(`older/${program}`, output, { S2_TRANSPORT: transport }),
      );
    });
  },
);

/** Not programs, but parts of one. */
const PARTS = ["node-listener"];

it.each([
  ["readme", README_PROGRAMS],
  ["patterns", PATTERNS_PROGRAMS],
] as const)("every program of examples/%s is run", (folder, programs) => {
  const files = readdirSync(`${examples}${folder}/src`).map((file) => basename(file, ".ts"));
  expect(files.filter((file) => !PARTS.includes(file)).sort()).toEqual(programs.map(([name]) => name).sort());
});

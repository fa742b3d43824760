import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { blocksOf, codeOf, pagesWithCode } from "../../../scripts/lib/shown-code.mjs";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const pages = pagesWithCode();
const textOf = (page: string): string => readFileSync(root + page, "utf8");
const linesOf = (page: string, language: string): string[] =>
  [...textOf(page).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].flatMap(
    ([, code = ""]) => code.split("\n").filter((line) => line !== ""),
  );

/** Folders whose programs all have to be on some page. */
const FOLDERS = [
  "examples/readme/src",
  "examples/telemetry/src",
  "examples/patterns/src",
  "examples/guides/src",
];
/** What the first guide installs. */
const INSTALLED_FIRST = ["@s2-dev/streamstore", "@s2-dev/streamstore-local"];
/** Not programs, but parts of some. */
const PARTS = ["node-listener.ts", "tls-front.ts", "connect-proxy.ts", "socks-server.ts", "loopback.ts"];

describe.each(pages)("%s", (page) => {
  const shown = blocksOf(page);

  it.each(shown)("shows $source as it is", ({ source, code }) => {
    expect(code).toBe(codeOf(source));
  });

  it("has no code that is not a file's", () => {
    expect(textOf(page).match(/```(?:ts|tsx|js|mjs|jsx)\n/g)?.length ?? 0).toBe(shown.length);
  });

  it("has JSON that is some", () => {
    for (const [, json = ""] of textOf(page).matchAll(/^```json\n([\s\S]*?)^```/gm)) JSON.parse(json);
  });
});

it.each(pages.filter((page) => !page.startsWith("examples/")))(
  "%s says how to get what its code imports",
  (page) => {
    const text = textOf(page);
    const imported = blocksOf(page).flatMap(({ code }) =>
      [...code.matchAll(/ from "([^"]+)";$/gm)].map(([, name = ""]) => name),
    );
    const packages = imported.flatMap((name) => /^(?:@[^/]+\/)?[^@./:][^/:]*(?=\/|$)/.exec(name) ?? []);
    const installed = [...text.matchAll(/npm install ([^\n`]+)/g)].flatMap(([, names = ""]) =>
      names.split(" "),
    );
    expect(packages.filter((name) => !INSTALLED_FIRST.includes(name) && !installed.includes(name))).toEqual(
      [],
    );
    const files = imported.flatMap((name) => /^\.\/(.+)\.js$/.exec(name)?.[1] ?? []);
    expect(files.filter((name) => !text.includes(`/src/${name}.ts`))).toEqual([]);
  },
);

it.each(FOLDERS)("every program of %s is on a page", (folder) => {
  const shown = new Set(pages.flatMap((page) => blocksOf(page).map(({ source }) => source.split("#")[0])));
  const programs = readdirSync(root + folder).filter((name) => !PARTS.includes(name));
  expect(programs.filter((name) => !shown.has(`${folder}/${name}`))).toEqual([]);
});

it("every command that the README names is a script there, with a test file of that name where it says one", () => {
  const scriptsOf = (folder: string): Record<string, string> =>
    JSON.parse(textOf(`${folder}package.json`)).scripts ?? {};
  const folders = ["packages", "examples"].flatMap((parent) =>
    readdirSync(root + parent).map((name) => `${parent}/${name}/`),
  );
  const folderOf = (name: string) =>
    ["docs/", ...folders].find((folder) => JSON.parse(textOf(`${folder}package.json`)).name === name);
  const commands = [...textOf("README.md").matchAll(/`(?:npx -y pnpm@12|pnpm) ([a-z-][^`]*)`/g)].map(
    ([, command = ""]) => command,
  );
  const wrong = commands.filter((command) => {
    const [, filter, script = "", files = ""] =
      /^(?:--filter (\S+) )?(?:run )?(\S+)(?: (.*))?$/.exec(command) ?? [];
    const folder = filter === undefined ? "" : folderOf(filter);
    if (folder === undefined || !(script in scriptsOf(folder))) return true;
    const tests = files === "" ? [] : readdirSync(`${root}${folder}test`).map((name) => `test/${name}`);
    return files.split(" ").some((file) => file !== "" && !tests.some((name) => name.includes(file)));
  });
  expect(commands.length).toBeGreaterThan(10);
  expect(wrong).toEqual([]);
});

describe("commands in the guides", () => {
  const scripts = Object.keys(JSON.parse(textOf("package.json")).scripts);
  const names = readdirSync(`${root}packages`).map(
    (name) => JSON.parse(textOf(`packages/${name}/package.json`)).name,
  );
  /** Packages of others. */
  const CHAT = ["ai", "@ai-sdk/react", "hono", "@hono/node-server", "react", "react-dom"];
  const OTHERS = ["vitest", "selfsigned", "lmdb", "socks", ...CHAT];
  /** What `pnpm runtimes` and other tests run as a user would, or what is npm's own. */
  const KNOWN = [
    /^cargo install --locked s2-cli@0\.43\.4$/,
    /^export AWS_/,
    /^s2 lite --bucket my-streams --port 8080$/,
    /^pnpm --filter @s2-dev\/conformance object-store$/,
    /^npm init -y$/,
    /^npm pkg set type=module$/,
    /^node start\.mjs$/,
    /^node hosted\.mjs$/,
    /^npx s2-local --port 8080 --init basins\.json(?: --dir \.\/data)?$/,
    /^export S2_A(?:CCOUNT_ENDPOINT|CCESS_TOKEN)=/,
    /^unset S2_ACCOUNT_ENDPOINT S2_BASIN_ENDPOINT$/,
    /^npx -y tsx program\.ts$/,
  ];

  it.each(pages.filter((page) => page.startsWith("docs/")))("of %s are known ones", (page) => {
    const unknown = linesOf(page, "sh").filter((line) => {
      const [, installed] = /^npm install (?:--save-dev )?(\S.*)$/.exec(line) ?? [];
      if (installed !== undefined)
        return !installed.split(" ").every((name) => names.includes(name) || OTHERS.includes(name));
      const [, script] = /^(?:npx -y pnpm@12|pnpm run) (\S+)/.exec(line) ?? [];
      return script === undefined ? !KNOWN.some((known) => known.test(line)) : !scripts.includes(script);
    });
    expect(unknown).toEqual([]);
  });
});

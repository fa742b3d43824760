import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createProject, type Project } from "@s2-dev/conformance/packed.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bundle, type Bundler, bundlers, type Destination, writeProgram } from "./bundling.js";

const PROGRAMS = {
  client: `import { S2 } from "@s2-dev/streamstore"; export const make = (options) => new S2(options);`,
  follower: `import { createFollower } from "@s2-dev/streamstore/follower"; export const follow = (options) => createFollower(options);`,
  helper: `import { AppendRecord } from "@s2-dev/streamstore"; export const record = (text) => AppendRecord.make(text);`,
  patterns: `import { readAll } from "@s2-dev/streamstore-patterns/reading"; export const read = (stream) => readAll(stream);`,
};
type ProgramName = keyof typeof PROGRAMS;

let project: Project;
let bundles = 0;
const entries = new Map<string, string>();

beforeAll(async () => {
  project = await createProject(["@s2-dev/streamstore", "@s2-dev/streamstore-patterns"]);
  for (const [name, code] of Object.entries(PROGRAMS)) {
    entries.set(name, await writeProgram(project.root, name, code));
  }
});

afterAll(() => rm(project.root, { recursive: true, force: true }));

function bundle(bundler: Bundler, program: ProgramName, destination: Destination): Promise<Bundle> {
  bundles += 1;
  const outdir = join(project.root, `out-${bundles}`);
  return bundler(entries.get(program) ?? "", outdir, destination);
}

/** What of the pattern is in the code, each once: a report that can be read. */
function found(pattern: RegExp, code: string): string[] {
  return [...new Set(code.match(new RegExp(pattern, "g")) ?? [])];
}

/** Signs of what must not be in a bundle without Node. Its message names `node:http2`. */
const OF_NODE = /["'`]node:(?!http2, which)|getBuiltinModule|undici|ERR_HTTP2_/;

const PAGE: Destination = { on: "web", conditions: ["browser"], isSmallest: true };

/** Places without Node, by the conditions that frameworks and platforms have their tools set. */
const ELSEWHERE: readonly (readonly [where: string, destination: Destination])[] = [
  ["a browser", { on: "web", conditions: ["browser"] }],
  ["a browser, by a tool that also says node", { on: "web", conditions: ["node", "browser"] }],
  ["a web worker", { on: "worker", conditions: ["worker", "browser"] }],
  ["Cloudflare Workers", { on: "worker", conditions: ["workerd", "worker", "browser"] }],
  ["Cloudflare Workers, by a tool that also says node", { on: "worker", conditions: ["node", "workerd"] }],
  ["a page of Next.js", { on: "web", conditions: ["browser"] }],
  ["an edge function of Next.js", { on: "worker", conditions: ["edge-light", "worker"] }],
  [
    "server components of Next.js on the edge",
    { on: "worker", conditions: ["react-server", "edge-light", "worker"] },
  ],
];

/** Places with Node. */
const ON_NODE: readonly (readonly [where: string, destination: Destination])[] = [
  ["Node", { on: "node", conditions: ["node"] }],
  ["server components of Next.js", { on: "node", conditions: ["react-server", "node"] }],
];

describe.each(Object.entries(bundlers))("%s, given the packed packages,", (_tool, bundler) => {
  it.each(ELSEWHERE)("puts nothing of Node into a client for %s [D1-68, G-15]", async (_, destination) => {
    const { code, external } = await bundle(bundler, "client", destination);
    expect(external).toEqual([]);
    expect(found(OF_NODE, code)).toEqual([]);
    // It is all there: calls, sessions, and what is loaded on demand.
    expect(found(/text\/event-stream/, code)).not.toEqual([]);
    expect(found(/access-tokens/, code)).not.toEqual([]);
  });

  it("puts neither appending nor managing into a follower for a browser", async () => {
    const { code, external } = await bundle(bundler, "follower", PAGE);
    expect(external).toEqual([]);
    expect(found(OF_NODE, code)).toEqual([]);
    expect(found(/text\/event-stream/, code)).not.toEqual([]);
    expect(found(/access-tokens|WRITER_CONFLICT"\)|PostingAppendLink/, code)).toEqual([]);
  });

  it.each(ON_NODE)("takes the entry with HTTP/2 sessions for %s", async (_, destination) => {
    const { code, external } = await bundle(bundler, "client", destination);
    expect(found(/s2s\/proto/, code)).not.toEqual([]);
    expect(found(/getBuiltinModule\("node:http2"\)/, code)).not.toEqual([]);
    expect(external.filter((specifier) => !/^node:|^undici$/.test(specifier))).toEqual([]);
  });

  it("leaves the client out of a bundle that uses one helper", async () => {
    const { initial } = await bundle(bundler, "helper", PAGE);
    const whole = (await bundle(bundler, "client", PAGE)).initial;
    expect(found(/text\/event-stream|openAppend|access-tokens/, initial)).toEqual([]);
    expect(initial.length).toBeLessThan(whole.length / 3);
  });

  it("leaves the client out of a bundle with one entry of the patterns", async () => {
    const { initial } = await bundle(bundler, "patterns", PAGE);
    expect(found(/openAppend|access-tokens/, initial)).toEqual([]);
  });
});

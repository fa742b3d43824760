import { describe, expect, it } from "vitest";
import { bundle } from "./bundle.js";

/** A program that keeps everything a client can do. */
const PROGRAM = `export { S2 } from "@s2-dev/streamstore";`;
/** The aim for what a browser loads, gzipped, in bytes. */
const AIM = 15 * 1024;

/** Sources are bundled, so that nothing has to be built first; `check:package` does the same with what is published. */
const SOURCES = "@s2-dev/source";

describe.each([
  ["a browser", [SOURCES]],
  ["a worker", [SOURCES, "workerd", "worker"]],
])("a bundle for %s", (_, conditions) => {
  const made = bundle(PROGRAM, conditions);

  it("imports no module of Node, and nothing else either [D1-68, G-15]", async () => {
    const { imports, code } = await made;
    expect(imports).toEqual([]);
    expect(code).not.toMatch(/["'`]node:(?!http2, which)/);
  });

  it("contains neither undici nor the s2s transport: it uses fetch [D1-68, D1-69]", async () => {
    const paths = (await made).inputs.map(([path]) => path);
    expect(paths.filter((path) => /undici|transport-s2s|\.node\.|node-runtime/.test(path))).toEqual([]);
    expect(paths.some((path) => path.endsWith("transport-fetch/src/index.ts"))).toBe(true);
  });

  it("contains no schema and no test helper [H-25, D2-21]", async () => {
    const paths = (await made).inputs.map(([path]) => path);
    expect(paths.filter((path) => /zod|\/schemas\/|\/testing\/|fixture/.test(path))).toEqual([]);
  });

  it("logs nothing [D2-21]", async () => {
    expect((await made).code).not.toMatch(/\bconsole\b|\bdebugger\b/);
  });

  it("is small [G-15]", async () => {
    expect((await made).gzipBytes).toBeLessThan(AIM);
  });
});

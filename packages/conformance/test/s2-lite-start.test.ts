import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { findS2Lite, startS2Lite } from "../src/servers/s2-lite.js";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "s2-lite-start-"));
  await mkdir(join(folder, "a-folder"));
  await writeFile(join(folder, "a-text"), "no program", { mode: 0o644 });
  const program = "#!/bin/sh\necho 'what is lite?' >&2\nexit 3\n";
  await writeFile(join(folder, "another-program"), program, { mode: 0o755 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllGlobals());

describe("what S2_LITE_BIN names", () => {
  it.each(["nothing", "a-folder", "a-text"])("is refused by name and value if it is %s", (name) => {
    const named = join(folder, name);
    expect(() => findS2Lite({ S2_LITE_BIN: named })).toThrow(`S2_LITE_BIN is ${JSON.stringify(named)}`);
  });

  it("is taken if it can be run, and counts as not set if it is empty", () => {
    const program = join(folder, "another-program");
    expect(findS2Lite({ S2_LITE_BIN: program })).toBe(program);
    expect(() => findS2Lite({ S2_LITE_BIN: "", PATH: "" })).not.toThrow();
  });
});

it.each(["another-program", "nothing"])(
  "a start of %s fails by its name, and nothing asks for health any more",
  async (name) => {
    const signals: (AbortSignal | null | undefined)[] = [];
    // As a port on which something listens that never answers.
    const asked = vi.fn((_: unknown, init?: RequestInit) => {
      signals.push(init?.signal);
      return new Promise<Response>((_, reject) => {
        init?.signal?.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
      });
    });
    vi.stubGlobal("fetch", asked);
    const program = join(folder, name);
    const failure = await startS2Lite(program).then(
      () => undefined,
      (error: Error) => error.message,
    );
    expect(failure).toContain(program);
    if (name === "another-program") expect(failure).toMatch(/code 3[\s\S]*what is lite\?/);
    expect(signals.every((signal) => signal?.aborted)).toBe(true);
  },
);

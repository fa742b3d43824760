import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OpenBasin, openBasin } from "@s2-dev/example-basin";
import type { S2Stream } from "@s2-dev/streamstore";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { exportFile } from "../src/export-file.js";
import { importFile } from "../src/import-file.js";
import { linesOf } from "../src/lines.js";
import { progressLine } from "../src/progress-bar.js";
import type { Progress, Transfer, TransferOptions } from "../src/transfer.js";

let place: OpenBasin;
let folder: string;
let source: string;
let copy: string;
let stream: S2Stream;

beforeAll(async () => {
  place = await openBasin();
});
afterAll(() => place.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bulk-transfer-"));
  source = join(folder, "source.txt");
  copy = join(folder, "copy.txt");
  stream = place.basin.stream(`imports/${crypto.randomUUID()}`);
  return () => rm(folder, { recursive: true, force: true });
});

const numbered = (count: number): string =>
  Array.from({ length: count }, (_, index) => `line ${index} ${"x".repeat(index % 300)}\n`).join("");

/** Begins again after each stop, until it is through; gives every run that was. */
async function inRuns(
  every: number,
  transfer: (options: TransferOptions) => Promise<Transfer>,
): Promise<{ last: Transfer; stops: number }> {
  for (let stops = 0; ; stops += 1) {
    const stop = new AbortController();
    let first: number | undefined;
    const onProgress = ({ bytes, total }: Progress): void => {
      first ??= bytes;
      if (bytes - first > every && bytes < total) stop.abort("enough");
    };
    try {
      return { last: await transfer({ signal: stop.signal, onProgress }), stops };
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    }
  }
}

describe("a file that is imported and exported", () => {
  it.each([
    ["lines with ends of both kinds", "a\nb\r\n\n\nüñ\n"],
    ["no end at the last line", "a\nb"],
    ["nothing", ""],
    ["a line of many chunks", `${"long ".repeat(200_000)}\nshort\n`],
  ])("is the same byte for byte: one with %s", async (_, text) => {
    await writeFile(source, text);
    await importFile(stream, source);
    if (text !== "") {
      await exportFile(stream, copy);
      expect(await readFile(copy, "utf8")).toBe(text);
    } else await expect(exportFile(stream, copy)).rejects.toMatchObject({ status: 404 });
  });

  it("has each line once, however often both were stopped", async () => {
    const text = numbered(60_000);
    await writeFile(source, text);
    const imported = await inRuns(2_000_000, (options) => importFile(stream, source, options));
    expect(imported.stops).toBeGreaterThan(1);
    expect(imported.last.from).toBeGreaterThan(0);
    expect((await stream.checkTail()).tail.seq_num).toBe(60_000);
    const exported = await inRuns(2_000_000, (options) => exportFile(stream, copy, options));
    expect(exported.stops).toBeGreaterThan(1);
    expect((await readFile(copy, "utf8")) === text).toBe(true);
    expect((await readdir(folder)).sort()).toEqual(["copy.txt", "source.txt"]);
  });

  it("goes on with lines that were added meanwhile, and does nothing when there are none", async () => {
    await writeFile(source, numbered(10));
    await importFile(stream, source);
    expect(await importFile(stream, source)).toMatchObject({ bytes: 0, records: 0 });
    await writeFile(source, numbered(15));
    expect(await importFile(stream, source)).toMatchObject({ records: 5 });
  });

  it("writes what came behind the last checkpoint anew", async () => {
    await writeFile(source, numbered(10));
    await importFile(stream, source);
    await writeFile(`${copy}.part`, "line 0 \nhalf of a li");
    await writeFile(`${copy}.part.json`, JSON.stringify({ bytes: 8, seqNum: 1 }));
    expect(await exportFile(stream, copy)).toMatchObject({ from: 8, records: 9 });
    expect(await readFile(copy, "utf8")).toBe(numbered(10));
  });

  it("has each line once, also when two import at the same time", async () => {
    const text = numbered(5000);
    await writeFile(source, text);
    await Promise.allSettled([importFile(stream, source), importFile(stream, source)]);
    await importFile(stream, source);
    expect((await stream.checkTail()).tail.seq_num).toBe(5000);
    await exportFile(stream, copy);
    expect((await readFile(copy, "utf8")) === text).toBe(true);
  });

  it("goes on behind what another run has sent and not heard of yet", async () => {
    await writeFile(source, numbered(3));
    let reads = 0;
    const overtaken = new Proxy(stream, {
      get(target, name) {
        const value = Reflect.get(target, name, target) as unknown;
        if (typeof value !== "function") return value;
        return async (...args: unknown[]) => {
          const result = await (value as (...args: unknown[]) => Promise<unknown>).apply(target, args);
          // Lands between the look at the stream's end and the append.
          if (name !== "readSession") return result;
          reads += 1;
          if (reads === 1) await importFile(stream, source);
          return result;
        };
      },
    });
    await stream.append({ body: "line 0 ", headers: { end: "8" } });
    expect(await importFile(overtaken, source)).toMatchObject({ records: 0 });
    expect((await stream.checkTail()).tail.seq_num).toBe(3);
  });
});

describe("what makes no sense is refused:", () => {
  it("a file that is shorter than what the stream has of it", async () => {
    await writeFile(source, numbered(10));
    await importFile(stream, source);
    await writeFile(source, numbered(5));
    await expect(importFile(stream, source)).rejects.toThrow("holds more than");
  });

  it("a stream that somebody else has written to", async () => {
    await stream.append({ body: "hello" });
    await writeFile(source, numbered(10));
    await expect(importFile(stream, source)).rejects.toThrow("record 0 is of no import");
    await expect(exportFile(stream, copy)).rejects.toThrow("record 0 does not follow");
  });
});

it("finds the same lines wherever the chunks are cut", async () => {
  const text = Buffer.from("one\ntwo\n\nfour");
  for (let size = 1; size <= text.length; size += 1) {
    async function* chunks(): AsyncGenerator<Buffer> {
      for (let at = 0; at < text.length; at += size) yield text.subarray(at, at + size);
    }
    const lines: [string, number][] = [];
    for await (const { body, end } of linesOf(chunks(), 100)) lines.push([String(body), end]);
    expect(lines).toEqual([
      ["one", 104],
      ["two", 108],
      ["", 109],
      ["four", 113],
    ]);
  }
});

it("says how far it is", () => {
  const MIB = 1024 * 1024;
  expect(progressLine("import", { bytes: 5 * MIB, total: 20 * MIB }, 2 * MIB)).toBe(
    `import ${"█".repeat(7)}${"░".repeat(23)} 25 % 5.0 of 20.0 MiB, 2.0 MiB/s`,
  );
});

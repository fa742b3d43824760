import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OpenBasin, openBasin } from "@s2-dev/example-basin";
import type { S2Stream } from "@s2-dev/streamstore";
import { collect } from "@s2-dev/streamstore-patterns/reading";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { receiveFile, sendFile } from "../src/file-records.js";
import { drawPicture } from "../src/picture.js";

let place: OpenBasin;
let folder: string;
let source: string;
let target: string;
let stream: S2Stream;

beforeAll(async () => {
  place = await openBasin();
  folder = await mkdtemp(join(tmpdir(), "image-stream-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await place.close();
});
beforeEach(() => {
  const id = crypto.randomUUID();
  stream = place.basin.stream(`images/${id}`);
  source = join(folder, `${id}.bmp`);
  target = join(folder, `${id}.copy.bmp`);
});

describe("a file on a stream", () => {
  it.each([
    ["of many records", drawPicture(640, 480), 6],
    ["whose last chunk is full", new Uint8Array(512 * 1024).fill(0xff), 4],
    ["that is empty", new Uint8Array(), 2],
  ])("comes back byte for byte: one %s", async (_, bytes, records) => {
    await writeFile(source, bytes);
    const sent = await sendFile(stream, source, "image/bmp");
    expect(sent).toMatchObject({ type: "image/bmp", bytes: bytes.length, records });
    expect(await receiveFile(stream, target)).toEqual(sent);
    expect(Buffer.compare(await readFile(target), bytes)).toBe(0);
  });

  it("is refused, and leaves nothing behind, when it was not sent to its end", async () => {
    await stream.append({ headers: { "file-name": "half.bmp", "file-type": "image/bmp" } });
    await stream.append({ body: new Uint8Array(1000) });
    await expect(receiveFile(stream, target)).rejects.toThrow("not sent to its end");
    expect(await readdir(folder)).not.toContain(`${stream.name.slice(7)}.copy.bmp.part`);
  });

  it("is refused when its bytes are not those that were sent", async () => {
    await writeFile(source, drawPicture(64, 64));
    await sendFile(stream, source, "image/bmp");
    const damaged = place.basin.stream(`${stream.name}/damaged`);
    for (const { body, headers } of await collect(stream, { as: "bytes" })) {
      const copy = body.slice();
      if (copy.length > 0) copy[100] = (copy[100] ?? 0) ^ 1;
      await damaged.append({ body: copy, headers });
    }
    await expect(receiveFile(damaged, target)).rejects.toThrow("not those that were sent");
  });
});

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OpenBasin, openBasin } from "@s2-dev/example-basin";
import type { S2Stream } from "@s2-dev/streamstore";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { compact } from "../src/compact.js";
import { type Snapshots, snapshotsIn } from "../src/snapshots.js";
import { changesOf, KeyValueView } from "../src/view.js";

let place: OpenBasin;
let stream: S2Stream;
let folder: string;
let snapshots: Snapshots;

beforeAll(async () => {
  place = await openBasin();
});
afterAll(() => place.close());
beforeEach(async () => {
  stream = place.basin.stream(`settings/${crypto.randomUUID()}`);
  folder = await mkdtemp(join(tmpdir(), "snapshots-"));
  snapshots = snapshotsIn(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function set(from: number, to: number): Promise<void> {
  for (let index = from; index < to; index += 1)
    await changesOf(stream).append(index, { type: "set", key: `key-${index}` });
}

const keysIn = (view: KeyValueView): string[] => view.entries().map(([key]) => key);

describe("a snapshot", () => {
  it("is what a view starts from, and the only one that is kept", async () => {
    await set(0, 5);
    await compact(stream, snapshots, "one");
    await set(5, 8);
    await compact(stream, snapshots, "two");
    expect(await readdir(folder)).toHaveLength(1);
    const view = await KeyValueView.open(stream, snapshots);
    expect([view.entries().length, view.changesRead]).toEqual([8, 0]);
  });

  it("of a compactor that was held up does not take the place of a newer one, whose records are trimmed", async () => {
    await set(0, 5);
    let goOn = (): void => {};
    const heldUp = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const slow: Snapshots = {
      load: () => snapshots.load(),
      save: async (snapshot) => {
        await heldUp;
        await snapshots.save(snapshot);
      },
    };
    // Its lease has run out meanwhile, which keeps it from trimming, and not from storing.
    const late = (await KeyValueView.open(stream, slow)).snapshot();
    await set(5, 8);
    const covered = await compact(stream, snapshots, "quick");
    const first = async (): Promise<number> =>
      (await stream.read({ seq_num: 0, count: 1 })).records[0]?.seq_num ?? 0;
    await expect.poll(first, { timeout: 30_000 }).toBeGreaterThanOrEqual(covered);
    goOn();
    await late;
    expect(keysIn(await KeyValueView.open(stream, snapshots))).toHaveLength(8);
  });
});

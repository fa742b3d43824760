import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S2 } from "@s2-dev/streamstore";
import { compact } from "./compact.js";
import { snapshotsIn } from "./snapshots.js";
import { changesOf, KeyValueView } from "./view.js";

const s2 = new S2();
// Another one in each run, so that its snapshots are all in the folder.
const stream = s2
  .basin(process.env.S2_BASIN ?? "my-favourite-basin")
  .stream(`settings/${crypto.randomUUID()}`);
const folder = await mkdtemp(join(tmpdir(), "settings-"));
const snapshots = snapshotsIn(folder);

// Many writers may write at the same time; the stream decides about the order.
async function writeMany(from: number, count: number): Promise<void> {
  const session = await changesOf(stream).appendSession();
  for (let index = from; index < from + count; index += 1) {
    const key = `key-${index % 20}`;
    if (index % 50 === 7) void session.submit(null, { type: "deleted", key });
    else void session.submit({ changed: index }, { type: "set", key });
  }
  await session.close();
}

await writeMany(0, 500);
const first = await KeyValueView.open(stream, snapshots);
console.log(`${first.entries().length} keys of ${first.changesRead} changes`);

const trimmedTo = await compact(stream, snapshots, "compactor-1");
await writeMany(500, 30);

// A view that starts now reads the snapshot and what came behind it.
const second = await KeyValueView.open(stream, snapshots);
await first.catchUp();
const isSame = JSON.stringify(first.entries()) === JSON.stringify(second.entries());
console.log(
  `trimmed ${trimmedTo}, then read ${second.changesRead} changes; views are ${isSame ? "the same" : "DIFFERENT"}`,
);

// And goes on live.
const changed = second.follow();
const next = changed.next();
await changesOf(stream).append("dark", { type: "set", key: "theme" });
const { value: key = "" } = await next;
console.log(`${key} is now ${second.get(key)}`);
await changed.return(undefined);

await rm(folder, { recursive: true, force: true });
await s2.close();

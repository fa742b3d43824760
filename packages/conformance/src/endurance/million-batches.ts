import { settledHeap } from "./memory.js";
import { openClient } from "./stream.js";

const batches = Number(process.env.BATCHES);
const { client, stream } = openClient();
const session = await stream.appendSession();
const writer = session.writable.getWriter();
const batch = { records: [{ body: "a small record" }] };

async function write(count: number): Promise<void> {
  for (let written = 0; written < count; written += 1) {
    await writer.ready;
    // A failure shows in `ready` and in `close`.
    writer.write(batch).catch(() => undefined);
  }
}

const early = Math.floor(batches / 10);
await write(early);
const before = await settledHeap();
await write(batches - early);
const after = await settledHeap();
await writer.close();
const end = session.lastAckedPosition()?.end.seq_num;
await client.close();
process.stdout.write(JSON.stringify({ growth: after - before, end }));

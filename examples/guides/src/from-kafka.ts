import { createHash } from "node:crypto";
import { Producer, S2 } from "@s2-dev/streamstore";
import { acquireLease } from "@s2-dev/streamstore-patterns/lease";
import { readLast, resumeReading } from "@s2-dev/streamstore-patterns/reading";

const basin = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin");

// A topic is a prefix, a partition a stream. Records of one key go to one stream, which keeps their order.
const partitions = [0, 1, 2].map((n) => basin.stream(`orders/${n}`));
const partitionOf = (key: string): number =>
  createHash("sha256").update(key).digest().readUInt32BE() % partitions.length;

// linger.ms and batch.size; enable.idempotence, where this process is the only writer of the stream.
const producers = await Promise.all(
  partitions.map(
    async (stream) =>
      new Producer(
        { lingerDurationMillis: 5, maxBatchRecords: 500 },
        await stream.appendSession({ exactlyOnce: true }),
      ),
  ),
);
for (let order = 0; order < 100; order += 1) {
  const key = `customer-${order % 7}`;
  // Waits while there is no room, not for the acknowledgement. `(await producer.submit(record)).ack` would.
  await producers[partitionOf(key)]?.enqueue({ body: `order ${order}`, headers: { key } });
}
await Promise.all(producers.map((producer) => producer.close())); // all is durable (acks=all)

// A consumer of a group: whoever has the lease of a partition reads it, the others wait for theirs.
let seen = 0;
for (const [n, partition] of partitions.entries()) {
  const offsets = basin.stream(`offsets/billing/${n}`);
  await using lease = await acquireLease(offsets, { owner: "billing-1", wait: true });
  // The committed position: the last record that is no command. Where there is none, 0 is auto.offset.reset=earliest.
  const [committed] = await readLast(offsets, 1, { ignoreCommandRecords: true });
  const records = await resumeReading(partition, committed?.body ?? 0, { wait: 0 });
  for await (const _ of records) seen += 1; // at least once: what is done here comes before the commit
  await lease.append({ body: String(records.cursor()) }); // commitSync; refused when somebody has taken over
}
console.log(`${seen} orders consumed`);

import { AppendRecord, S2 } from "@s2-dev/streamstore";
import { collect, readAll, readLast } from "@s2-dev/streamstore-patterns/reading";

const stream = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("readings");
await stream.append([{ body: "one" }, { body: "two" }, AppendRecord.fence("mine"), { body: "three" }]);

// From the beginning to the tail, however long that is; a batch at a time is in memory.
for await (const record of readAll(stream, { ignoreCommandRecords: true })) {
  console.log(record.seq_num, record.body);
}

// The same in an array, at most 1 MiB of it; a start, a limit and `as: "bytes"` as in any read.
const records = await collect(stream, { seq_num: 1, maxBytes: 1024 * 1024 });
console.log(records.length);

// At most so many from the end, fewer when there are not so many.
console.log((await readLast(stream, 2, { ignoreCommandRecords: true })).map(({ body }) => body));

import { AppendRecord, S2 } from "@s2-dev/streamstore";

const stream = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("from-redis");

// XADD key * kind temperature value 21
const { start } = await stream.append({ body: "21", headers: { kind: "temperature" } });
// XADD in a MULTI or a pipeline: one batch, stored as a whole or not at all.
await stream.append([{ body: "22" }, { body: "23" }]);
// XLEN and the last ID: the tail.
console.log("length", (await stream.checkTail()).tail.seq_num);
// XRANGE key - + COUNT 2
console.log((await stream.read({ seq_num: 0, count: 2 })).records.map(({ body }) => body));
// XREVRANGE key + - COUNT 1
console.log((await stream.read({ tail_offset: 1, clamp: true, count: 1 })).records[0]?.body);
// XREAD BLOCK 0 STREAMS key ID: one session instead of a loop; it reconnects by itself.
for await (const record of await stream.readSession({ seq_num: start.seq_num + 1, clamp: true })) {
  console.log("read", record.body);
  if (record.body === "23") break;
}
// XTRIM key MINID 1
await stream.append(AppendRecord.trim(1));

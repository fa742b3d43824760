import { AppendRecord } from "@s2-dev/streamstore";
import { openStream } from "./stream.js";

const stream = openStream("append-session");

const session = await stream.appendSession();
const ack = await session.submit([AppendRecord.make("one", { foo: "bar" })]);
console.log("acked", ack.end.seq_num);
await session.submit([AppendRecord.make(new Uint8Array([2]), { type: "binary" })]);
await session.close();

const streaming = await stream.appendSession();
const writer = streaming.writable.getWriter();
const reader = streaming.readable.getReader();
await writer.write({ records: [AppendRecord.make("three")] });
await writer.close();
for (let next = await reader.read(); !next.done; next = await reader.read()) {
  console.log("read ack", next.value.end.seq_num);
}

const iterated = await stream.appendSession();
const acks = iterated.acks();
void iterated.submit(AppendRecord.make("four"));
void iterated.submit(AppendRecord.make("five"));
const closed = iterated.close();
for await (const { end } of acks) console.log("iterated ack", end.seq_num);
await closed;

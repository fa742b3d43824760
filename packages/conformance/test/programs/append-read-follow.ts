import { AppendRecord } from "@s2-dev/streamstore";
import { openStream } from "./stream.js";

const stream = openStream("append-read-follow");

await stream.append([
  AppendRecord.make("Hello, world!", { foo: "bar" }),
  AppendRecord.make(new Uint8Array([1, 2, 3]), { type: "binary" }),
]);

const result = await stream.read({ seq_num: 0, count: 10 });
for (const record of result.records) console.log("read", JSON.stringify([record.body, record.headers]));

const session = await stream.readSession({ clamp: true, tail_offset: 10 });
for await (const record of session) {
  console.log("followed", JSON.stringify([record.body, record.headers]));
  if (record.seq_num === 1) break;
}

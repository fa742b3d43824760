import { AppendRecord, S2 } from "@s2-dev/streamstore";

const s2 = new S2({ accessToken: process.env.S2_ACCESS_TOKEN });
const stream = s2.basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("greetings");

const ack = await stream.append([
  AppendRecord.make("Hello, world!", { foo: "bar" }),
  AppendRecord.make(new Uint8Array([1, 2, 3]), { type: "binary" }),
]);
console.log(`appended ${ack.start.seq_num} to ${ack.end.seq_num - 1}`);

const result = await stream.read({ seq_num: ack.start.seq_num, count: 10 });
for (const record of result.records) {
  console.log(record.seq_num, record.body, record.headers);
}

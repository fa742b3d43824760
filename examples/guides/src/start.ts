import { S2 } from "@s2-dev/streamstore";
import { startLocal } from "@s2-dev/streamstore-local";

// A server inside this process: no account, no port to choose, gone when the program ends.
const local = await startLocal();
const s2 = new S2(local.clientOptions);

await s2.basins.create({ basin: "first-basin", config: { create_stream_on_append: true } });
const stream = s2.basin("first-basin").stream("greetings");

// Append. When this resolves, both records are durable, side by side, in this order.
const ack = await stream.append([{ body: "Hello" }, { body: "world", headers: { lang: "en" } }]);
console.log(`stored as ${ack.start.seq_num} and ${ack.end.seq_num - 1}`);

// Read what is there.
const { records } = await stream.read({ seq_num: 0, count: 10 });
for (const record of records) console.log(record.seq_num, record.body, record.headers);

// Follow: everything from 0 on, then whatever is appended, until the loop is left.
const session = await stream.readSession({ seq_num: 0 });
await stream.append({ body: "still there?" });
for await (const record of session) {
  console.log("followed", record.seq_num, record.body);
  if (record.seq_num === 2) break;
}

await s2.close();
await local.close();

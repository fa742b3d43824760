import { S2 } from "@s2-dev/streamstore";

const stream = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("positions");
const first = await stream.append([{ body: "one" }, { body: "two" }, { body: "three" }]);

// The tail is the place of the record that comes next; nothing is there yet.
const { tail } = await stream.checkTail();
console.log("next", tail.seq_num);

// Three ways to say where a read starts.
const byNumber = await stream.read({ seq_num: 1, count: 1 });
const byTime = await stream.read({ timestamp: first.start.timestamp, count: 1 });
const fromTheEnd = await stream.read({ tail_offset: 1, count: 1 });
for (const { records } of [byNumber, byTime, fromTheEnd]) console.log(records[0]?.body);

// At the tail there is nothing to read, and a bounded read that may not wait says so with an error ...
const code = await stream.read({ seq_num: tail.seq_num }).catch((error) => error.code);
console.log(code);
// ... while a session waits for what comes: here not at all, which is a read to the tail.
for await (const record of await stream.readSession({ seq_num: 1, wait: 0 })) console.log(record.body);

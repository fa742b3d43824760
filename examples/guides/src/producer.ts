import { Producer, S2 } from "@s2-dev/streamstore";

const stream = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("one-by-one");

// Gathers records into batches: a full one leaves at once, another 5 ms after its first record.
const producer = new Producer({ lingerDurationMillis: 5 }, await stream.appendSession());
for (let n = 0; n < 2500; n += 1) {
  // Waits only while the session has no room.
  await producer.enqueue({ body: `reading ${n}` });
}
// Resolves when everything up to here is durable; the producer goes on.
await producer.flush();

// Each record learns its own place.
const { seq_num } = await producer.submit({ body: "one more" });
console.log("durable at", seq_num);
await producer.close(); // and its session with it

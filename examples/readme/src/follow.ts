import { S2 } from "@s2-dev/streamstore";

const stream = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("greetings");

// The last ten records, then whatever is appended; `wait` ends the session after a second without news.
const session = await stream.readSession({ tail_offset: 10, clamp: true, wait: 1 });
for await (const record of session) {
  console.log(record.seq_num, record.body);
}
console.log("resume from", session.nextReadPosition());

import { AppendRecord, S2 } from "@s2-dev/streamstore";

const stream = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("greetings");

const session = await stream.appendSession();
// Pipelined: nobody waits for the first batch before the second is sent, and the order is kept.
const first = session.submit(AppendRecord.make("one"));
const second = session.submit([AppendRecord.make("two"), AppendRecord.make("three")]);
console.log((await first).end.seq_num, (await second).end.seq_num);

// Bounded: resolves once there is capacity, and hands out a ticket for the acknowledgement.
const ticket = await session.enqueue(AppendRecord.make("four"));
console.log(await ticket.ack());

await session.close();

import { S2 } from "@s2-dev/streamstore";

const stream = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("tickets");
const session = await stream.appendSession({ maxInflightBatches: 2 });

let inFlight = 0;
let most = 0;
const acks: Promise<void>[] = [];
for (let n = 0; n < 20; n += 1) {
  // Waits until one of the two places is free; the order is fixed when it is called.
  const ticket = await session.enqueue({ body: `record ${n}` });
  inFlight += 1;
  most = Math.max(most, inFlight);
  acks.push(
    ticket.ack().then(() => {
      inFlight -= 1;
    }),
  );
}
await Promise.all(acks);
await session.close();
console.log("never more in flight than", most);

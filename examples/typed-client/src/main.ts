import { S2 } from "@s2-dev/streamstore";
import { type InvalidMessage, InvalidMessageError, typed, upcast } from "@s2-dev/streamstore-patterns/typed";
import { z } from "zod";

const s2 = new S2();
// Another one in each run, so that what is counted is of this one.
const stream = s2.basin(process.env.S2_BASIN ?? "my-favourite-basin").stream(`shop/${crypto.randomUUID()}`);

// 1. The first release of a shop writes orders whose prices are whole euros.
const OrderV1 = z.object({ id: z.string(), euros: z.number().int().positive() });
const firstRelease = typed(stream, {
  union: { ordered: OrderV1, cancelled: z.object({ id: z.string(), why: z.string().max(200) }) },
});
await firstRelease.append({ id: "A1", euros: 12 }, { type: "ordered", key: "A1" });
await firstRelease.append({ id: "A1", why: "too dear" }, { type: "cancelled", key: "A1" });

// 2. The second one counts in cents, knows currencies, and still reads what is there.
const shop = typed(stream, {
  union: {
    ordered: {
      schema: z.object({ id: z.string(), cents: z.number().int(), currency: z.string().default("EUR") }),
      version: 2,
      upcasters: { 1: upcast(OrderV1, ({ id, euros }) => ({ id, cents: euros * 100 })) },
    },
    cancelled: z.object({ id: z.string(), why: z.string() }),
  },
});

// 3. A value that does not fit is refused before anything is sent.
try {
  await shop.append({ id: "A2", cents: 12.5 }, { type: "ordered" });
} catch (error) {
  if (!(error instanceof InvalidMessageError)) throw error;
  console.log(`refused: ${error.issues.map(({ path }) => path.join(".")).join()} (${error.problem})`);
}

// 4. Many messages go through a session: pipelined, several to a batch, in order, each once.
const session = await shop.appendSession();
for (let index = 2; index <= 100; index += 1) {
  const id = `A${index}`;
  void session.submit({ id, cents: index * 100, currency: "CHF" }, { type: "ordered", key: id });
}
// A message may be larger than a record.
void session.submit({ id: "A100", why: "x".repeat(3_000_000) }, { type: "cancelled", key: "A100" });
await session.close();

// 5. Somebody else wrote what is no order; this reader leaves it out, and tells.
await stream.append({ body: '{"id":"A101"}', headers: { _type: "ordered", _version: "2" } });
const told: InvalidMessage[] = [];
let cents = 0;
let largest = 0;
for (const message of await shop.read({ onInvalid: (invalid) => void told.push(invalid) })) {
  // The type of `value` follows from `type`.
  if (message.type === "ordered") cents += message.value.cents;
  else largest = Math.max(largest, message.value.why.length);
}
console.log(`${cents} cents ordered, the longest reason has ${largest} characters`);
for (const { error } of told) console.log(error.message);

// 6. A follower goes on where it has stopped, live.
const [first] = await shop.read({ count: 1 });
if (first !== undefined) {
  for await (const { seq_num, type, key } of shop.follow({ resume: first.resume })) {
    console.log(`next is ${type} ${key} at ${seq_num}`);
    break;
  }
}
await s2.close();

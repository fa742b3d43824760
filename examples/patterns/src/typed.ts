import { S2 } from "@s2-dev/streamstore";
import { InvalidMessageError, typed } from "@s2-dev/streamstore-patterns/typed";
import { z } from "zod";

const Order = z.object({ id: z.string(), items: z.array(z.object({ name: z.string(), price: z.number() })) });

const stream = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("orders");
const orders = typed(stream, { schema: Order, key: (order) => order.id });

// Checked before anything is sent, and durable when it resolves.
const { start } = await orders.append({ id: "A1", items: [{ name: "tea", price: 3 }] });

// Many messages: pipelined, several to a batch, each once even where a retry repeats it.
await using session = await orders.appendSession();
for (const id of ["A2", "A3"]) void session.submit({ id, items: [] }, { headers: { source: "web" } });
await session.flush();

// Checked again: `value` is what the schema makes of it.
for await (const { value, key, headers } of orders.follow({ seq_num: start })) {
  console.log(key, value.items.length, headers.source ?? "-");
  if (key === "A3") break;
}

try {
  await orders.append({ id: "A4", items: [{ name: "cake", price: "4" as unknown as number }] });
} catch (error) {
  if (error instanceof InvalidMessageError) console.log(error.issues[0]?.path.join("."), error.message);
}

import { S2 } from "@s2-dev/streamstore";
import { startLocal } from "@s2-dev/streamstore-local";

const local = await startLocal({ init: { basins: [{ name: "my-basin", streams: [{ name: "orders" }] }] } });
const s2 = new S2(local.clientOptions);
const orders = s2.basin("my-basin").stream("orders");

// 503 twice, then fine
local.faults.add({ on: { times: 2 }, do: { kind: "answer", status: 503, code: "unavailable" } });
await orders.append({ body: "tea" });

// do an append, and lose its acknowledgement: by default it is sent again, and stored twice
local.faults.add({
  on: { operation: "append", times: 1 },
  do: { kind: "cut", how: "destroy", insteadOf: 1 },
});
await orders.append({ body: "cake" });
console.log("stored", (await orders.checkTail()).tail.seq_num);

// every live tail of one stream is reset two seconds after it has opened
const fault = local.faults.add({
  on: { operation: "read", mode: "session", basin: "my-basin", stream: "orders" },
  do: { kind: "cut", how: "reset", code: 8, afterMs: 2000 },
});
console.log("hit so far", fault.hits);
fault.remove(); // or local.faults.clear()

await s2.close();
await local.close();

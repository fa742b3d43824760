import assert from "node:assert/strict";
import { test } from "node:test";
import { S2 } from "@s2-dev/streamstore";
import { useLocal } from "@s2-dev/streamstore-local/node-test";

const server = useLocal({ init: { basins: [{ name: "tested-basin", streams: [{ name: "orders" }] }] } });

test("an order is stored once", async () => {
  const s2 = new S2(server.clientOptions);
  const orders = s2.basin("tested-basin").stream("orders");
  await orders.append({ body: "tea" }, { match_seq_num: 0 });
  const { records } = await orders.read({ seq_num: 0 });
  assert.deepEqual(
    records.map(({ body }) => body),
    ["tea"],
  );
  await s2.close();
});

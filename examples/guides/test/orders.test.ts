import { S2 } from "@s2-dev/streamstore";
import { useLocal } from "@s2-dev/streamstore-local/vitest";
import { expect, test } from "vitest";

// A server for each test, in this process and without a port; its time stands still until it is told to go on.
const server = useLocal({
  stillClock: true,
  init: {
    basins: [{ name: "tested-basin", streams: [{ name: "orders", config: { retention_policy: "1day" } }] }],
  },
});

test("an order is there until it expires", async () => {
  await using s2 = new S2(server.clientOptions);
  const orders = s2.basin("tested-basin").stream("orders");
  await orders.append({ body: "tea" });
  expect((await orders.read({ seq_num: 0, wait: 0, clamp: true })).records).toHaveLength(1);

  await server.clock.advance(2 * 24 * 60 * 60 * 1000);
  expect((await orders.read({ seq_num: 0, count: 10 })).records).toEqual([]);
});

test("an order survives a server that fails twice", async () => {
  await using s2 = new S2({
    ...server.clientOptions,
    retry: { minBaseDelayMillis: 1, maxBaseDelayMillis: 1 },
  });
  const orders = s2.basin("tested-basin").stream("orders");
  const fault = server.local.faults.add({
    on: { operation: "append", times: 2 },
    do: { kind: "answer", status: 503, code: "unavailable" },
  });

  const { start } = await orders.append({ body: "tea" });

  expect(start.seq_num).toBe(0);
  expect(fault.hits).toBe(2);
});

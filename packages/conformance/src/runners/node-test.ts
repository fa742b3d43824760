import assert from "node:assert/strict";
import { test } from "node:test";
import { S2 } from "@s2-dev/streamstore";
import { useLocal } from "@s2-dev/streamstore-local/node-test";

const server = useLocal({ init: { basins: [{ name: "tested-basin", streams: [{ name: "s" }] }] } });

for (const round of [1, 2]) {
  test(`each test has a server of its own (${round})`, async () => {
    const client = new S2(server.clientOptions);
    const stream = client.basin("tested-basin").stream("s");
    const ack = await stream.append({ body: "x" });
    assert.equal(ack.start.seq_num, 0);
    await client.close();
  });
}

import { S2 } from "@s2-dev/streamstore";
import { startLocal } from "@s2-dev/streamstore-local";

const local = await startLocal();
const s2 = new S2({ accessToken: "ignored", endpoints: local.endpoints });

await s2.basins.create({ basin: "test-basin", config: { create_stream_on_append: true } });
const ack = await s2.basin("test-basin").stream("events").append({ body: "no account, no container" });
console.log(ack.end.seq_num);

await s2.close();
await local.close();

import { S2 } from "@s2-dev/streamstore";
import { expectToLeave } from "./alarm.js";
import { openStream } from "./stream.js";

await new S2().basins.list({ limit: 1 });
const stream = openStream();
await stream.append({ body: "a" });
await stream.read({ seq_num: 0 });
await stream.checkTail();
expectToLeave();

import { expectToLeave } from "./alarm.js";
import { openStream } from "./stream.js";

const stream = openStream();
await stream.append({ body: "a" });
for await (const _ of await stream.readSession({ seq_num: 0 })) break;
const cancelled = await stream.readSession();
await cancelled.cancel();
expectToLeave();

import { expectToLeave } from "./alarm.js";
import { openStream } from "./stream.js";

const stream = openStream();
const session = await stream.appendSession();
for (let index = 0; index < 10; index += 1) void session.submit({ body: String(index) });
await session.close();
for await (const _ of await stream.readSession({ seq_num: 0, count: 5 }));
expectToLeave();

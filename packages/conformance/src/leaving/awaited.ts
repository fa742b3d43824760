import { writeSync } from "node:fs";
import { expectToLeave } from "./alarm.js";
import { openStream } from "./stream.js";

// What is awaited keeps the process: a live record that another one appends, and an acknowledgement.
const stream = openStream();
const session = await stream.readSession();
const next = session[Symbol.asyncIterator]().next();
writeSync(1, "waiting\n");
const { value } = await next;
const acked = await (await stream.appendSession()).submit({ body: "an answer" });
writeSync(1, `${value?.body} ${acked.end.seq_num - acked.start.seq_num}\n`);
expectToLeave();

import { expectToLeave } from "./alarm.js";
import { openStream } from "./stream.js";

const stream = openStream();
await stream.append([{ body: "a" }, { body: "b" }]);
// Read in part, and neither cancelled nor read any further.
const records = (await stream.readSession({ seq_num: 0 }))[Symbol.asyncIterator]();
await records.next();
expectToLeave();

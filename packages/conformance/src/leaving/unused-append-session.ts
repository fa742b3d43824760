import { expectToLeave } from "./alarm.js";
import { openStream } from "./stream.js";

await openStream().appendSession();
expectToLeave();

import { expectToLeave } from "./alarm.js";
import { openStream } from "./stream.js";

// Opened, and never read.
await openStream().readSession();
expectToLeave();

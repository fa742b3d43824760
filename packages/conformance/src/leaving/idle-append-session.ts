import { expectToLeave } from "./alarm.js";
import { openStream } from "./stream.js";

const session = await openStream().appendSession();
await session.submit({ body: "a" });
// Neither closed nor used any further, with its acknowledgements asked for and unread.
session.acks();
expectToLeave();

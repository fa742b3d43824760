import { expectToLeave } from "./alarm.js";
import { openStream } from "./stream.js";

const stream = openStream();
const controller = new AbortController();
const { signal } = controller;
const reading = await stream.readSession({}, { signal });
const pending = reading[Symbol.asyncIterator]().next();
const waiting = stream.read({ wait: 60 }, { signal });
const session = await stream.appendSession({}, { signal });
await session.submit({ body: "a" });
controller.abort();
await Promise.allSettled([pending, waiting, session.close()]);
expectToLeave();

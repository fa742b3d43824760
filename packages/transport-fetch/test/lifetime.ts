import { createFetchTransport } from "../src/index.node.js";
import {
  AS_STRING,
  ATTEMPT,
  appendRequest,
  batchOf,
  exchangeOptions,
  readRequest,
  recordEvents,
  unaryRequest,
} from "./support.js";

/** Programs that close nothing: they must end by themselves once nothing is awaited, and not before. */
const [scenario, url = ""] = process.argv.slice(2);
const transport = createFetchTransport();

switch (scenario) {
  case "everything-done": {
    await transport.exchange(unaryRequest(url), exchangeOptions());
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(url), recorder.events, ATTEMPT);
    await recorder.opened;
    link.send(batchOf(10));
    await recorder.saw("acks 1");
    const reader = transport.openRead(readRequest(url), AS_STRING, ATTEMPT);
    await reader.next();
    console.log("done");
    break;
  }
  case "pending-next": {
    const reader = transport.openRead(readRequest(url), AS_STRING, ATTEMPT);
    await reader.opened;
    console.log("waiting");
    await reader.next();
    console.log("done");
    break;
  }
  case "pending-ack": {
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(url), recorder.events, ATTEMPT);
    await recorder.opened;
    link.send(batchOf(10));
    await recorder.saw("taken 1");
    console.log("waiting");
    await recorder.saw("acks 1");
    console.log("done");
    break;
  }
  case "aborted-dial": {
    const controller = new AbortController();
    const answer = transport.exchange(unaryRequest(url), exchangeOptions(controller.signal));
    setImmediate(() => controller.abort());
    await answer.catch(() => {});
    console.log("done");
    break;
  }
  case "awaited-close": {
    await transport.exchange(unaryRequest(url), exchangeOptions());
    await transport.close();
    console.log("done");
    break;
  }
  default:
    throw new Error(`no scenario ${scenario}`);
}

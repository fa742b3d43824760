import type { Transport } from "@s2-dev/streamstore-core/transport";
import {
  AS_STRING,
  ATTEMPT,
  appendRequest,
  batchOf,
  exchangeOptions,
  readRequest,
  recordEvents,
  unaryRequest,
} from "./index.js";

/** Programs that close nothing: they must end by themselves once nothing is awaited, and not before. */
const SCENARIOS: Readonly<Record<string, (transport: Transport, url: string) => Promise<void>>> = {
  async "everything-done"(transport, url) {
    await transport.exchange(unaryRequest(url), exchangeOptions());
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(url), recorder.events, ATTEMPT);
    await recorder.opened;
    link.send(batchOf(10));
    await recorder.saw("acks 1");
    const reader = transport.openRead(readRequest(url), AS_STRING, ATTEMPT);
    await reader.next();
    console.log("done");
  },
  async "pending-next"(transport, url) {
    const reader = transport.openRead(readRequest(url), AS_STRING, ATTEMPT);
    await reader.opened;
    console.log("waiting");
    await reader.next();
    console.log("done");
  },
  async "pending-ack"(transport, url) {
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(url), recorder.events, ATTEMPT);
    await recorder.opened;
    link.send(batchOf(10));
    await recorder.saw("taken 1");
    console.log("waiting");
    await recorder.saw("acks 1");
    console.log("done");
  },
  async "aborted-dial"(transport, url) {
    const controller = new AbortController();
    const answer = transport.exchange(unaryRequest(url), exchangeOptions(controller.signal));
    setImmediate(() => controller.abort());
    await answer.catch(() => {});
    console.log("done");
  },
  async "awaited-close"(transport, url) {
    await transport.exchange(unaryRequest(url), exchangeOptions());
    await transport.close();
    console.log("done");
  },
};

/** Does what the command line of this process names, with the server whose URL is there too. */
export async function runScenario(transport: Transport): Promise<void> {
  const [name = "", url = ""] = process.argv.slice(2);
  const scenario = SCENARIOS[name];
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  await scenario(transport, url);
}

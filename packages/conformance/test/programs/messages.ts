import { DeserializingReadSession, SerializingAppendSession } from "@s2-dev/streamstore-patterns";
import { openStream } from "./stream.js";

interface Message {
  readonly text: string;
}

const stream = openStream("messages");
const texts = ["short", "long ".repeat(500_000), "last"];

const source = new ReadableStream<Message>({
  start(controller) {
    for (const text of texts) controller.enqueue({ text });
    controller.close();
  },
});
await source.pipeTo(
  new SerializingAppendSession<Message>(
    await stream.appendSession(),
    (msg) => new TextEncoder().encode(JSON.stringify(msg)),
    { dedupeSeq: 0n },
  ),
);

const messages = new DeserializingReadSession<Message>(
  await stream.readSession({ seq_num: 0, as: "bytes" }),
  (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as Message,
);
let matching = 0;
for await (const { text } of messages) {
  if (text === texts[matching]) matching += 1;
  if (text === "last") break;
}
console.log("matching", matching);

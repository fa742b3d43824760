import { S2 } from "@s2-dev/streamstore";
import { DeserializingReadSession, SerializingAppendSession } from "@s2-dev/streamstore-patterns";

interface ChatMessage {
  readonly role: "user" | "assistant";
  readonly text: string;
}

const stream = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("conversation");
const { tail } = await stream.checkTail().catch(() => ({ tail: { seq_num: 0 } }));

// Messages of any size: what does not fit one record is split, and put together again by the reader.
const messages: ChatMessage[] = [
  { role: "user", text: "Tell me a long story" },
  { role: "assistant", text: "Once upon a time ".repeat(100_000) },
];
const writer = new SerializingAppendSession<ChatMessage>(
  await stream.appendSession(),
  (message) => new TextEncoder().encode(JSON.stringify(message)),
  { dedupeSeq: 0n },
);
const source = new ReadableStream<ChatMessage>({
  start(controller) {
    for (const message of messages) controller.enqueue(message);
    controller.close();
  },
});
await source.pipeTo(writer);

const reader = new DeserializingReadSession<ChatMessage>(
  await stream.readSession({ seq_num: tail.seq_num, as: "bytes", wait: 0 }),
  (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as ChatMessage,
);
for await (const message of reader) console.log(message.role, message.text.length);

import { S2 } from "@s2-dev/streamstore";
import { DeserializingReadSession, SerializingAppendSession } from "@s2-dev/streamstore-patterns";

interface ChatMessage {
  readonly role: "user" | "assistant";
  readonly text: string;
}

const stream = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("conversation");

// Messages of any size: what does not fit one record is split, and put together again by the reader.
const writer = new SerializingAppendSession<ChatMessage>(
  await stream.appendSession(),
  (message) => new TextEncoder().encode(JSON.stringify(message)),
  { dedupeSeq: 0n },
);
const { start } = await writer.submit({ role: "user", text: "Tell me a long story" });

// It is a `WritableStream`, too: whatever gives messages can be piped into it.
const answers = new ReadableStream<ChatMessage>({
  start(controller) {
    controller.enqueue({ role: "assistant", text: "Once upon a time ".repeat(100_000) });
    controller.close();
  },
});
await answers.pipeTo(writer);

const reader = new DeserializingReadSession<ChatMessage>(
  await stream.readSession({ seq_num: start, as: "bytes", wait: 0 }),
  (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as ChatMessage,
);
for await (const message of reader) console.log(message.role, message.text.length);

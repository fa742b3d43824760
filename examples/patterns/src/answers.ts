import { S2 } from "@s2-dev/streamstore";
import {
  answerResponse,
  readConversation,
  resumeResponse,
  stopAnswer,
} from "@s2-dev/streamstore-patterns/ai";
import { readUIMessageStream, simulateReadableStream, streamText, type UIMessage } from "ai";
import { MockLanguageModelV3 } from "ai/test";

// A conversation is a stream.
const stream = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("chats/7");

// POST /api/chat: the browser gets the answer, and the stream keeps it.
const answer = (id: string, text: string) =>
  answerResponse(
    stream,
    ({ signal }) => streamText({ model: storyteller, prompt: text, abortSignal: signal }),
    { messages: [{ id, role: "user", parts: [{ type: "text", text }] }] },
  );
// GET /api/chat/7/stream: what `useChat({ resume: true })` asks for.
const resume = (request: Request) => resumeResponse(request, stream);
// POST /api/chat/7/stop: from any page, in any process.
const stop = () => stopAnswer(stream);

// A real model by way of the AI Gateway when there is a key for it; one that always says the same otherwise.
const storyteller = process.env.AI_GATEWAY_API_KEY
  ? (process.env.AI_MODEL ?? "openai/gpt-5-mini")
  : new MockLanguageModelV3({
      doStream: async () => ({
        stream: simulateReadableStream({
          chunkDelayInMs: 20,
          chunks: [
            { type: "text-start", id: "1" },
            ...["Once ", "upon ", "a ", "time"].map(
              (delta) => ({ type: "text-delta", id: "1", delta }) as const,
            ),
            { type: "text-end", id: "1" },
          ],
        }),
      }),
    });

const response = await answer("m1", "Tell me a story");
await response.body?.cancel(); // The browser goes away, the answer goes on ...
const resumed = await resume(new Request("https://chat.example/api/chat/7/stream"));
console.log((await resumed.text()).match(/"delta":"[^"]*"/g)?.join(" ")); // ... and is there for whoever comes back.

await answer("m2", "Another one");
console.log("stopped:", (await stop())?.reason);

const { messages } = await readConversation<UIMessage>(stream, { readUIMessageStream });
for (const { role, parts } of messages) {
  console.log(`${role}: ${parts.map((part) => (part.type === "text" ? part.text : "")).join("")}`);
}

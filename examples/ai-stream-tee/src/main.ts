import { S2 } from "@s2-dev/streamstore";
import { DeserializingReadSession, SerializingAppendSession } from "@s2-dev/streamstore-patterns";
import { type LanguageModel, streamText } from "ai";
import { MockLanguageModelV3, simulateReadableStream } from "ai/test";

const basin = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin");
// Where it ends is asked before anything is appended.
await basin.streams.ensure({ stream: "teed-answer" });
const stream = basin.stream("teed-answer");

const result = streamText({
  model: chooseModel(),
  prompt: "Tell me a story about a log, in three sentences.",
});

// One half for the user, one for the stream: each goes at its own pace.
const [forUser, forStream] = result.textStream.tee();

const writer = new SerializingAppendSession<string>(
  await stream.appendSession(),
  (text) => new TextEncoder().encode(text),
  { dedupeSeq: 0n },
);
const { tail } = await stream.checkTail();
const stored = forStream.pipeTo(writer);

let shown = "";
for await (const text of forUser) {
  process.stdout.write(text);
  shown += text;
}
await stored;

// Whoever reads it later gets each piece once, also where a retry has stored some twice.
const reader = new DeserializingReadSession<string>(
  await stream.readSession({ seq_num: tail.seq_num, as: "bytes", wait: 0 }),
  (bytes) => new TextDecoder().decode(bytes),
  { enableDedupe: true },
);
let reconstructed = "";
let pieces = 0;
for await (const text of reader) {
  reconstructed += text;
  pieces += 1;
}
console.log(`\n${pieces} pieces, ${reconstructed === shown ? "the same text" : "ANOTHER TEXT"}`);

/** A real model by way of the AI Gateway when there is a key for it; one that always says the same otherwise. */
function chooseModel(): LanguageModel {
  if (process.env.AI_GATEWAY_API_KEY) return process.env.AI_MODEL ?? "openai/gpt-5-mini";
  const words = "A log only grows. Whoever reads it remembers where they were. So nothing is lost.".match(
    /\S+\s*/g,
  );
  return new MockLanguageModelV3({
    doStream: async () => ({
      stream: simulateReadableStream({
        chunks: [
          { type: "stream-start" as const, warnings: [] },
          { type: "text-start" as const, id: "1" },
          ...(words ?? []).map((delta) => ({ type: "text-delta" as const, id: "1", delta })),
          { type: "text-end" as const, id: "1" },
          {
            type: "finish" as const,
            finishReason: { unified: "stop" as const, raw: "stop" },
            usage: {
              inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: 0 },
              outputTokens: { total: 15, text: 15, reasoning: 0 },
            },
          },
        ],
      }),
    }),
  });
}

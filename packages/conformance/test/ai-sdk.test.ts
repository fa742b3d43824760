import { S2, type S2Stream } from "@s2-dev/streamstore";
import {
  type Answer,
  answerResponse,
  continueAnswer,
  readConversation,
  resumeResponse,
  startAnswer,
  stopAnswer,
  type UiChunk,
} from "@s2-dev/streamstore-patterns/ai";
import { collect } from "@s2-dev/streamstore-patterns/reading";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type AiPackage, aiLanes, type LaneMessage } from "../src/ai-lanes/index.js";
import { freshBasinName, freshStreamName } from "../src/names.js";
import { startLocalServer } from "../src/servers/local.js";
import type { Server } from "../src/servers/server.js";
import { eventually, settled } from "../src/waiting.js";

const WORDS = Array.from({ length: 60 }, (_, index) => `word-${index} `);
const TEXT = WORDS.join("");
/** As long as a machine under load may take. */
const SLOW = { beginMillis: 60_000, ttlMillis: 600_000 };

const s2Lite = inject("s2Lite");
const [major = 0] = process.versions.node.split(".").map(Number);

describe.each(aiLanes)("ai $version", (lane) => {
  const tooOld = major < lane.node;
  if (tooOld) console.warn(`SKIPPED: ai ${lane.version} needs Node ${lane.node}; this is ${process.version}`);

  describe.skipIf(tooOld).each(["local", "s2-lite"] as const)("on %s", (name) => {
    const missing = name === "s2-lite" && "missing" in s2Lite ? s2Lite : undefined;
    const skip = missing !== undefined && !missing.required;
    let server: Server | undefined;
    let client: S2 | undefined;
    let basin: string;
    let ai: AiPackage;

    beforeAll(async () => {
      if (missing !== undefined) return;
      ai = await lane.open();
      if (name === "local") server = await startLocalServer();
      const origin = server?.origin ?? ("origin" in s2Lite ? s2Lite.origin : "");
      client = new S2({
        accessToken: "ignored",
        endpoints: { account: origin, basin: origin },
        requestTimeoutMillis: 60_000,
      });
      basin = freshBasinName();
      await client.basins.create({ basin, config: { create_stream_on_append: true } });
    });
    afterAll(async () => {
      await client?.close();
      await server?.stop();
    });

    const open = (): S2Stream => {
      if (missing !== undefined || client === undefined) throw new Error("no server");
      return client.basin(basin).stream(freshStreamName());
    };
    const messagesOf = async (stream: S2Stream) =>
      (await readConversation(stream, ai)).messages.map(({ role, parts }) => [role, textIn(parts)]);

    it("stores what the hook of toUIMessageStreamResponse gets, byte for byte what the browser gets", {
      skip,
    }, async () => {
      const stream = open();
      const question = { id: "m1", role: "user", parts: [{ type: "text", text: "Count" }] };
      const answer = await startAnswer(stream, { ...SLOW, messages: [question] });
      const response = ai.hooked(WORDS, answer);
      const body = await settled("the response", response.text());
      expect(await answer.done).toMatchObject({ reason: "finished", isStored: true });
      const sent = [...body.matchAll(/^data: (\{.*)$/gm)].map(([, json]) => json);
      const records = await collect(stream);
      const stored = records.filter(({ headers }) => headers._ai?.startsWith("c.")).map(({ body }) => body);
      // But for the first chunk, which gets the message's id.
      expect(stored.slice(1)).toEqual(sent.slice(1));
      expect(sent).toHaveLength(WORDS.length + 6);
      expect(await messagesOf(stream)).toEqual([
        ["user", "Count"],
        ["assistant", TEXT],
      ]);
    });

    it("answers and stores in one call, and a page that comes back sees the same message", {
      skip,
    }, async () => {
      const stream = open();
      let letGo!: () => void;
      const heldUntil = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      const response = await answerResponse(
        stream,
        ({ signal }) => ai.result(WORDS, { signal, pause: 1, heldUntil }),
        SLOW,
      );
      const [live, again] = await Promise.all([
        messageOf(ai, response),
        eventually("a resumed answer", async () => {
          const resumed = await resumeResponse(new Request("http://chat/"), stream);
          if (resumed.status !== 200) return undefined;
          letGo();
          return messageOf(ai, resumed);
        }),
      ]);
      expect(textIn(live.parts)).toBe(TEXT);
      expect(again).toEqual(live);
    });

    it("ends the model call when it is asked to stop", { skip }, async () => {
      const stream = open();
      let answer: Answer | undefined;
      const response = await answerResponse(
        stream,
        (producing) => {
          answer = producing.answer;
          return ai.result(WORDS, { signal: producing.signal, pause: 1000 });
        },
        SLOW,
      );
      const reading = messageOf(ai, response);
      await eventually("the answer begins", async () => ((await stopAnswer(stream)) ? true : undefined));
      const message = await settled("the end of the response", reading);
      expect(await answer?.done).toMatchObject({ reason: "stopped", isStored: true });
      expect(textIn(message.parts).length).toBeLessThan(TEXT.length);
      expect(await messagesOf(stream)).toEqual(
        message.parts.length === 0 ? expect.anything() : [["assistant", textIn(message.parts)]],
      );
    });

    it("goes on with an answer that was broken off, in the same part of the same message", {
      skip,
    }, async () => {
      const stream = open();
      const broken = await startAnswer(stream, { ttlMillis: 500, clockSkewMillis: 0, ...stopped() });
      void broken.persist(ai.result(WORDS.slice(0, 30), { pause: 0, isOpen: true }));
      await eventually("its words are durable", async () => {
        const { active } = await readConversation(stream, ai);
        return textIn(active?.message?.parts ?? []) === WORDS.slice(0, 30).join("") ? true : undefined;
      });
      const continued = await eventually("its lease runs out", async () => {
        try {
          return await continueAnswer(stream, { clockSkewMillis: 0 });
        } catch {
          return undefined;
        }
      });
      expect(continued.text).toBe(WORDS.slice(0, 30).join(""));
      await continued.persist(ai.result(WORDS.slice(30), { pause: 0 }));
      const { messages } = await readConversation(stream, ai);
      expect(
        messages.map(({ id, parts }) => [id, parts.filter(({ type }) => type === "text").length]),
      ).toEqual([[broken.id, 1]]);
      expect(await messagesOf(stream)).toEqual([["assistant", TEXT]]);
    });
  });
});

/** Options of a producer that does nothing more once it has written what it has: its lease is never renewed. */
function stopped() {
  const now = Date.now();
  return {
    lingerMillis: 0,
    clock: { now: () => now, timer: () => () => {} },
  };
}

/** The message that a page makes of a response. */
async function messageOf(ai: AiPackage, response: Response): Promise<LaneMessage> {
  const text = await response.text();
  const chunks = [...text.matchAll(/^data: (\{.*)$/gm)].map(([, json = ""]) => JSON.parse(json) as UiChunk);
  const stream = new ReadableStream<UiChunk>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  let message: LaneMessage | undefined;
  for await (const grown of ai.readUIMessageStream({ stream })) message = grown;
  if (message === undefined) throw new Error(`the response made no message: ${text}`);
  return message;
}

function textIn(parts: readonly { readonly type: string }[]): string {
  return parts.map((part) => (part as { text?: string }).text ?? "").join("");
}

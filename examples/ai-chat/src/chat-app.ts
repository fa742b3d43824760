import type { S2Basin } from "@s2-dev/streamstore";
import {
  answerResponse,
  continueAnswer,
  readConversation,
  resumeResponse,
  stopAnswer,
} from "@s2-dev/streamstore-patterns/ai";
import { createCursor } from "@s2-dev/streamstore-patterns/cursor";
import { convertToModelMessages, readUIMessageStream, streamText, type UIMessage } from "ai";
import { Hono } from "hono";
import { chatModel } from "./model.js";

/** How soon it is noticed that a server has died. */
const LEASE = {
  ttlMillis: Number(process.env.LEASE_MILLIS ?? 5000),
  clockSkewMillis: Number(process.env.SKEW_MILLIS ?? 1000),
};

/** The routes of the chat: `useChat` asks for them as they are. */
export function createChatApp(basin: S2Basin): Hono {
  const streamOf = (id: string) => basin.stream(`chats/${id}`);
  const conversationOf = (id: string) => readConversation<UIMessage>(streamOf(id), { readUIMessageStream });

  // #region going-on
  /** Goes on with an answer whose server has died; only one of those who try gets it. */
  async function goOn(id: string): Promise<void> {
    // Ended as failed if what follows throws: nobody else could go on with it.
    await using answer = await continueAnswer(streamOf(id), LEASE);
    if (answer === undefined) return;
    const { messages } = await conversationOf(id);
    const result = streamText({
      model: chatModel(),
      messages: [...(await convertToModelMessages(messages)), { role: "assistant", content: answer.text }],
      abortSignal: answer.signal,
    });
    console.log("going on with", answer.id, "behind", answer.chunks.length, "chunks");
    void answer.persist(result);
  }
  // #endregion

  // #region routes
  return (
    new Hono()
      // What a page shows at first; it follows an answer that has not ended from its beginning on.
      .get("/api/chat/:id", async (c) => {
        const id = c.req.param("id");
        const { messages, active } = await conversationOf(id);
        if (active?.message !== undefined) messages.push(active.message);
        const cursor = active === undefined ? "" : String(createCursor(streamOf(id), active.begin));
        return c.json({ messages, cursor });
      })
      .post("/api/chat", async (c) => {
        const { id, message } = await c.req.json<{ id: string; message: UIMessage }>();
        const { messages } = await conversationOf(id);
        const prompt = await convertToModelMessages([...messages, message]);
        return answerResponse(
          streamOf(id),
          ({ signal, answer }) => {
            void answer?.done.then(({ reason }) => console.log("answer", answer.id, reason));
            return streamText({ model: chatModel(), messages: prompt, abortSignal: signal });
          },
          { ...LEASE, messages: [message], onError: (error) => console.error("failed:", error.message) },
        );
      })
      .get("/api/chat/:id/stream", (c) =>
        resumeResponse(c.req.raw, streamOf(c.req.param("id")), {
          clockSkewMillis: LEASE.clockSkewMillis,
          cursor: c.req.query("cursor"),
          onCrash: () => goOn(c.req.param("id")),
        }),
      )
      .post("/api/chat/:id/stop", async (c) =>
        c.json((await stopAnswer(streamOf(c.req.param("id")), LEASE)) ?? null),
      )
  );
  // #endregion
}

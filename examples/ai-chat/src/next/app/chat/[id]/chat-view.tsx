"use client";

import { Chat, useChat } from "@ai-sdk/react";
import { DefaultChatTransport, type UIMessage } from "ai";
import { type FormEvent, type ReactElement, useEffect, useState } from "react";

export interface ChatViewProps {
  readonly id: string;
  readonly initial: UIMessage[];
  /** Where the answer begins that was under way; empty when there was none. */
  readonly cursor: string;
}

export function ChatView({ id, initial, cursor }: ChatViewProps): ReactElement {
  const address = `/api/chat/${encodeURIComponent(id)}`;
  // A `Chat` of our own: only then does `useChat` know that a resumed answer is a replay.
  const [chat] = useState(() => {
    const transport = new DefaultChatTransport<UIMessage>({
      // The server has the messages before the new one.
      prepareSendMessagesRequest: ({ id, messages }) => ({ body: { id, message: messages.at(-1) } }),
      prepareReconnectToStreamRequest: () => ({
        api: `${address}/stream?cursor=${encodeURIComponent(cursor)}`,
      }),
    });
    return new Chat<UIMessage>({ id, messages: initial, transport });
  });
  const { messages, sendMessage, status, error } = useChat({ chat, resume: true });
  const [text, setText] = useState("");
  const isBusy = status === "submitted" || status === "streaming";

  // A connection that was lost: the page comes back, with what the server has by then.
  useEffect(() => {
    if (error === undefined) return;
    const timer = setTimeout(() => location.reload(), 1000);
    return () => clearTimeout(timer);
  }, [error]);

  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() === "" || isBusy) return;
    void sendMessage({ text });
    setText("");
  };
  return (
    <main>
      {messages.map((message) => (
        <p key={message.id} className={message.role}>
          {message.parts.map((part) => (part.type === "text" ? part.text : "")).join("")}
        </p>
      ))}
      <form onSubmit={send}>
        <input aria-label="Your message" value={text} onChange={(event) => setText(event.target.value)} />
        <button type="submit" disabled={isBusy}>
          Send
        </button>
        {/* `stop` of `useChat` would only let go of the connection. */}
        <button
          type="button"
          disabled={!isBusy}
          onClick={() => void fetch(`${address}/stop`, { method: "POST" })}
        >
          Stop
        </button>
      </form>
    </main>
  );
}

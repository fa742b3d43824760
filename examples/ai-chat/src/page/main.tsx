import { Chat, useChat } from "@ai-sdk/react";
import { DefaultChatTransport, type UIMessage } from "ai";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";

/** How soon a page that has lost its connection comes back, in milliseconds. */
const COME_BACK = 500;

// #region loading
/** What the server holds of the chat. */
interface Loaded {
  readonly messages: UIMessage[];
  /** Where the answer begins that has not ended; empty when there is none. */
  readonly cursor: string;
}

let cursor = "";

async function load(id: string): Promise<UIMessage[]> {
  const response = await fetch(`/api/chat/${encodeURIComponent(id)}`);
  if (!response.ok) throw new Error(`the server answers ${response.status}; it prints why`);
  const loaded = (await response.json()) as Loaded;
  cursor = loaded.cursor;
  return loaded.messages;
}

const transport = new DefaultChatTransport<UIMessage>({
  // The server has the messages before the new one.
  prepareSendMessagesRequest: ({ id, messages }) => ({ body: { id, message: messages.at(-1) } }),
  // From where the messages end that were loaded, so that nothing is missed that ends in between.
  prepareReconnectToStreamRequest: ({ api, id }) => ({
    api: `${api}/${encodeURIComponent(id)}/stream?cursor=${encodeURIComponent(cursor)}`,
  }),
});
// #endregion

function ChatPage({ id, initial }: { id: string; initial: UIMessage[] }) {
  const [chat] = useState(() => new Chat<UIMessage>({ id, messages: initial, transport }));
  const { messages, sendMessage, status, error, resumeStream } = useChat({ chat, resume: true });
  const [text, setText] = useState("");
  const isBusy = status === "submitted" || status === "streaming";

  // A connection that was lost is resumed, as often as it takes.
  useEffect(() => {
    if (error === undefined) return;
    const comeBack = async (): Promise<void> => {
      try {
        chat.messages = await load(id);
      } catch {
        // Then resuming fails, too, and this is called again.
      }
      await resumeStream();
    };
    const timer = setTimeout(() => void comeBack(), COME_BACK);
    return () => clearTimeout(timer);
  }, [chat, id, error, resumeStream]);

  const end = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows the messages.
  useEffect(() => {
    end.current?.scrollIntoView({ block: "end" });
  }, [messages]);

  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() === "" || isBusy) return;
    void sendMessage({ text });
    setText("");
  };
  return (
    <main className="chat">
      <header>
        <h1>Durable chat</h1>
        <span className="status" data-status={status} role="status">
          {STATUS[status]}
        </span>
      </header>
      <section className="messages" aria-live="polite">
        {messages.length === 0 && (
          <p className="empty">
            Ask something, and reload this page in the middle of the answer, or open it once more.
          </p>
        )}
        {messages.map((message) => (
          <article key={message.id} className={`message ${message.role}`}>
            {message.parts.map((part) => (part.type === "text" ? part.text : "")).join("") || "…"}
          </article>
        ))}
        <div ref={end} />
      </section>
      <form onSubmit={send}>
        <input
          aria-label="Your message"
          placeholder="Your message"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        {isBusy ? (
          <button
            type="button"
            className="stop"
            onClick={() => void fetch(`/api/chat/${encodeURIComponent(id)}/stop`, { method: "POST" })}
          >
            Stop
          </button>
        ) : (
          <button type="submit" disabled={text.trim() === ""}>
            Send
          </button>
        )}
      </form>
    </main>
  );
}

const STATUS = {
  ready: "Ready",
  submitted: "Thinking",
  streaming: "Answering",
  error: "Reconnecting",
} as const;

/** The chat is in the address, so that every tab that has it shows the same. */
function chatId(): string {
  const url = new URL(location.href);
  const id = url.searchParams.get("chat") ?? crypto.randomUUID();
  url.searchParams.set("chat", id);
  history.replaceState(null, "", url);
  return id;
}

const id = chatId();
const root = createRoot(document.getElementById("root") as HTMLElement);
try {
  root.render(<ChatPage id={id} initial={await load(id)} />);
} catch (error) {
  root.render(<p className="empty">The chat cannot be loaded: {String(error)}</p>);
}

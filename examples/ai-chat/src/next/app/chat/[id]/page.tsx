import { readConversation } from "@s2-dev/streamstore-patterns/ai";
import { createCursor } from "@s2-dev/streamstore-patterns/cursor";
import { readUIMessageStream, type UIMessage } from "ai";
import type { ReactElement } from "react";
import { chatStream } from "../../../lib/chats";
import { ChatView, type ChatViewProps } from "./chat-view";

/** Made anew for each request: a page of the build would show the chat of that day. */
export const dynamic = "force-dynamic";

export default async function Page({
  params,
}: {
  params: Promise<{ id: string }>;
}): Promise<ReactElement<ChatViewProps>> {
  const { id } = await params;
  const stream = chatStream(id);
  const { messages, active } = await readConversation<UIMessage>(stream, { readUIMessageStream });
  // An answer under way is shown as far as it has come, and followed from its beginning on.
  if (active?.message !== undefined) messages.push(active.message);
  const cursor = active === undefined ? "" : String(createCursor(stream, active.begin));
  return <ChatView id={id} initial={messages} cursor={cursor} />;
}

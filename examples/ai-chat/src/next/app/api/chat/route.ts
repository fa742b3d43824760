import { answerResponse, readConversation } from "@s2-dev/streamstore-patterns/ai";
import { convertToModelMessages, readUIMessageStream, streamText, type UIMessage } from "ai";
import { chatStream } from "../../../lib/chats";
import { chatModel } from "../../../lib/model";

export async function POST(request: Request): Promise<Response> {
  const { id, message } = (await request.json()) as { id: string; message: UIMessage };
  const stream = chatStream(id);
  const { messages } = await readConversation<UIMessage>(stream, { readUIMessageStream });
  const prompt = await convertToModelMessages([...messages, message]);
  return answerResponse(
    stream,
    // This signal, and not the one of the request, which is aborted when the page is loaded anew.
    ({ signal }) => streamText({ model: chatModel(), messages: prompt, abortSignal: signal }),
    { messages: [message], onError: (error) => console.error(error) },
  );
}

import { resumeResponse } from "@s2-dev/streamstore-patterns/ai";
import { chatStream } from "../../../../../lib/chats";

/** What `useChat` asks for when it is shown: the rest of an answer, or 204 when none is under way. */
export async function GET(
  request: Request,
  { params }: { params: Promise<{ id: string }> },
): Promise<Response> {
  const { id } = await params;
  const cursor = new URL(request.url).searchParams.get("cursor");
  return resumeResponse(request, chatStream(id), { cursor });
}

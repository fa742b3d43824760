import { stopAnswer } from "@s2-dev/streamstore-patterns/ai";
import { chatStream } from "../../../../../lib/chats";

export async function POST(_: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const { id } = await params;
  return Response.json((await stopAnswer(chatStream(id))) ?? null);
}

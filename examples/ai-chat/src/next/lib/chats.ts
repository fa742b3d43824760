import { S2, type S2Stream } from "@s2-dev/streamstore";

// A function: it is asked at the first call, so that `next build` needs no token.
const s2 = new S2({ accessToken: () => process.env.S2_ACCESS_TOKEN ?? "" });
const basin = s2.basin(process.env.S2_BASIN ?? "my-favourite-basin");

/** The stream of a conversation. Whoever calls it has asked whether the user may see that chat. */
export function chatStream(id: string): S2Stream {
  return basin.stream(`chats/${id}`);
}

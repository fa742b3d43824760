import { isS2Error, RangeNotSatisfiableError } from "@s2-dev/streamstore-core";
import { describe, expect, it, vi } from "vitest";
import { createFollower, type FetchLike, type FollowerOptions } from "./follower.js";

const event = (seqNum: number, body: string): string =>
  `event: batch\ndata: {"records":[{"seq_num":${seqNum},"timestamp":1,"body":"${body}"}]}\n\n`;

function eventStream(...chunks: (string | Error)[]): Response {
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk === undefined) controller.close();
      else if (typeof chunk === "string") controller.enqueue(new TextEncoder().encode(chunk));
      else controller.error(chunk);
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

/** A follower whose requests are answered in order. */
function following(answers: Response[], options: Partial<FollowerOptions> = {}) {
  const fetch = vi.fn<FetchLike>(async () => answers.shift() ?? new Response(null, { status: 500 }));
  const follower = createFollower({
    accessToken: "token",
    basin: "test-basin",
    stream: "a/b",
    retry: { minBaseDelayMillis: 0, maxBaseDelayMillis: 0 },
    fetch,
    ...options,
  });
  const sent = (index: number) => {
    const [url, init] = fetch.mock.calls[index] ?? [];
    return { url, headers: new Headers(init?.headers) };
  };
  return { follower, fetch, sent };
}

describe("a follower", () => {
  it("follows a stream and goes on where it was when the connection breaks", async () => {
    const { follower, sent } = following([
      eventStream(event(5, "five"), new TypeError("terminated")),
      eventStream(event(6, "six"), "data: [DONE]\n\n"),
    ]);
    const bodies: string[] = [];
    const session = await follower.readSession({ seq_num: 5 });
    for await (const { body } of session) bodies.push(body);
    expect(bodies).toEqual(["five", "six"]);
    expect(session.nextReadPosition()?.seq_num).toBe(7);
    expect(sent(0).url).toBe("https://test-basin.b.s2.dev/v1/streams/a%2Fb/records?seq_num=5");
    expect(sent(0).headers.get("authorization")).toBe("Bearer token");
    expect(sent(0).headers.has("s2-basin")).toBe(false);
    expect(sent(1).url).toBe("https://test-basin.b.s2.dev/v1/streams/a%2Fb/records?seq_num=6");
  });

  it("checks the tail at an endpoint of its own, which is told the basin", async () => {
    const tail = { seq_num: 3, timestamp: 4 };
    const { follower, sent } = following([Response.json({ tail })], { endpoint: "http://localhost:1/x" });
    expect(await follower.checkTail()).toEqual({ tail });
    expect(sent(0).url).toBe("http://localhost:1/x/streams/a%2Fb/records/tail");
    expect(sent(0).headers.get("s2-basin")).toBe("test-basin");
  });

  it("asks for another token when the service refuses the one it has", async () => {
    const tokens = ["old", "new"];
    const { follower, sent } = following(
      [
        Response.json({ code: "authn", message: "no" }, { status: 401 }),
        Response.json({ tail: { seq_num: 0, timestamp: 0 } }),
      ],
      { accessToken: async () => tokens.shift() ?? "" },
    );
    await follower.checkTail();
    expect([0, 1].map((index) => sent(index).headers.get("authorization"))).toEqual([
      "Bearer old",
      "Bearer new",
    ]);
  });

  it("rejects a start beyond the tail with where the tail is", async () => {
    const tail = { seq_num: 3, timestamp: 4 };
    const { follower } = following([Response.json({ tail }, { status: 416 })]);
    const error = await follower.readSession({ seq_num: 9 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RangeNotSatisfiableError);
    expect(error).toMatchObject({ tail });
  });

  it("ends its sessions when it is closed, and takes no call after that", async () => {
    const { follower, fetch } = following([eventStream(event(0, "zero"), "data: [DONE]\n\n")]);
    const session = await follower.readSession({ seq_num: 0 });
    await follower.close();
    const after: unknown[] = [];
    for await (const record of session) after.push(record);
    expect(after).toEqual([]);
    await expect(follower.checkTail()).rejects.toMatchObject({ code: "SESSION_CLOSED" });
    await expect(follower.readSession()).rejects.toMatchObject({ code: "SESSION_CLOSED" });
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it.each([
    [{ basin: "No" }, /^basin must .*; got "No"$/],
    [{ stream: "" }, /^stream must be 1 to 512 bytes of UTF-8; got ""$/],
    [{ endpoint: "ftp://x" }, /^endpoint must have scheme https or http; got "ftp:\/\/x"$/],
    [{ accessToken: "" }, /^accessToken must be text of visible ASCII characters/],
    [
      { accessToken: "se cret" },
      /^accessToken must be text of visible ASCII characters; got other characters$/,
    ],
    [{ retry: { maxAttempts: 0 } }, /^retry.maxAttempts must be an integer of at least 1/],
  ] as const)("refuses %j before anything is sent", (wrong, message) => {
    try {
      following([], wrong);
      expect.unreachable();
    } catch (thrown) {
      expect(isS2Error(thrown) && thrown.code).toBe("INVALID_ARGUMENT");
      expect((thrown as Error).message).toMatch(message);
    }
  });
});

import { inspect } from "node:util";
import { S2 } from "@s2-dev/streamstore";
import { describe, expect, it } from "vitest";
import { issueReaderToken, issueWriterToken, type ReaderTokenArgs, ScopedToken } from "./index.js";

const NOW = Date.parse("2026-11-26T12:00:00Z");
const MINUTE = 60_000;
const some: ReaderTokenArgs = {
  basin: "my-favourite-basin",
  stream: "conversation",
  expiresInMillis: 15 * MINUTE,
  now: () => NOW,
};

/** A client whose service answers every request for a token with a secret, and what was asked. */
function setUp() {
  const asked: Record<string, unknown>[] = [];
  const s2 = new S2({
    accessToken: "account",
    endpoints: { account: "http://127.0.0.1:1", basin: "http://127.0.0.1:1" },
    fetch: async (input, init) => {
      const request = new Request(input as string, init as RequestInit);
      expect([request.method, new URL(request.url).pathname]).toEqual(["POST", "/v1/access-tokens"]);
      asked.push((await request.json()) as Record<string, unknown>);
      return Response.json({ access_token: "s3cret" }, { status: 201 });
    },
  });
  return { tokens: s2.accessTokens, asked };
}

describe("a reader's token", () => {
  it("reads one stream of one basin until it expires, and nothing else", async () => {
    const { tokens, asked } = setUp();
    const token = await issueReaderToken(tokens, { ...some, id: "reader-1" });
    expect(asked).toEqual([
      {
        id: "reader-1",
        expires_at: "2026-11-26T12:15:00.000Z",
        scope: {
          basins: { exact: "my-favourite-basin" },
          streams: { exact: "conversation" },
          ops: ["read", "check-tail"],
        },
      },
    ]);
    expect(token).toBeInstanceOf(ScopedToken);
    expect([token.id, token.reveal()]).toEqual(["reader-1", "s3cret"]);
    expect(token.expiresAt).toEqual(new Date(NOW + 15 * MINUTE));
  });

  it("reads the streams of a prefix that it does not see, and lists them", async () => {
    const { tokens, asked } = setUp();
    await issueReaderToken(tokens, { ...some, stream: { prefix: "users/7/" }, autoPrefix: true, list: true });
    expect(asked).toMatchObject([
      {
        auto_prefix_streams: true,
        scope: { streams: { prefix: "users/7/" }, ops: ["read", "check-tail", "list-streams"] },
      },
    ]);
  });

  it("has an id of its own each time", async () => {
    const { tokens, asked } = setUp();
    await issueReaderToken(tokens, some);
    await issueReaderToken(tokens, some);
    const [first, second] = asked.map(({ id }) => id);
    expect(first).toMatch(/^reader-[\w-]{16}$/);
    expect(first).not.toBe(second);
  });
});

describe("a writer's token", () => {
  it("appends, and does besides what it was given", async () => {
    const { tokens, asked } = setUp();
    await issueWriterToken(tokens, some);
    await issueWriterToken(tokens, { ...some, read: true, fence: true, trim: true, create: true });
    expect(asked.map(({ scope }) => (scope as { ops: string[] }).ops)).toEqual([
      ["append", "check-tail"],
      ["append", "check-tail", "read", "fence", "trim", "create-stream"],
    ]);
  });
});

describe("what is too wide or too long", () => {
  it.each<[string, Partial<ReaderTokenArgs>]>([
    ["basin must be one basin unless allowWide is set", { basin: { prefix: "my-" } }],
    ["a prefix that is not empty, unless allowWide is set", { stream: { prefix: "" } }],
    ["expiresInMillis must be at most maxExpiresInMillis (86400000)", { expiresInMillis: 86_400_001 }],
    ["expiresInMillis must be at most maxExpiresInMillis (60000)", { maxExpiresInMillis: MINUTE }],
    ["expiresInMillis must be a number above 0; got undefined", { expiresInMillis: undefined as never }],
    ["expiresInMillis must be a number above 0; got NaN", { expiresInMillis: Number.NaN }],
    ["maxExpiresInMillis must be a number above 0; got NaN", { maxExpiresInMillis: Number.NaN }],
    ["stream must", { stream: "" }],
    ["stream.prefix must", { stream: {} as never }],
    ["basin must", { basin: undefined as never }],
    ["autoPrefix needs a stream prefix", { autoPrefix: true }],
    ["id must", { id: "" }],
  ])("is refused before anything is sent: %s", async (message, args) => {
    const { tokens, asked } = setUp();
    for (const issue of [issueReaderToken, issueWriterToken]) {
      await expect(issue(tokens, { ...some, ...args })).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining(message),
      });
    }
    expect(asked).toEqual([]);
  });

  it("is refused without arguments, and without what issues tokens", async () => {
    const { tokens, asked } = setUp();
    for (const issue of [issueReaderToken, issueWriterToken]) {
      for (const nothing of [undefined, null, "a stream"]) {
        await expect(issue(tokens, nothing as never)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
      }
      await expect(issue({ accessTokens: tokens } as never, some)).rejects.toThrow(
        /s2\.accessTokens.*issue\(\)/,
      );
      const forEver = { ...some, expiresInMillis: Number.MAX_VALUE, maxExpiresInMillis: Number.MAX_VALUE };
      await expect(issue(tokens, forEver)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    }
    expect(asked).toEqual([]);
  });

  it("is issued when it was meant", async () => {
    const { tokens, asked } = setUp();
    await issueReaderToken(tokens, {
      ...some,
      ...{ basin: { prefix: "my-" }, stream: { prefix: "" }, allowWide: true },
      ...{ expiresInMillis: 7 * 86_400_000, maxExpiresInMillis: 7 * 86_400_000 },
    });
    expect(asked).toMatchObject([{ scope: { basins: { prefix: "my-" }, streams: { prefix: "" } } }]);
  });
});

it("shows no secret when it is logged, spread, cloned or serialised", async () => {
  const token = await issueReaderToken(setUp().tokens, some);
  const shown = [
    `${token}`,
    inspect(token, { showHidden: true, depth: 9, getters: true }),
    JSON.stringify({ token }),
    inspect({ ...token }),
    inspect(structuredClone({ ...token })),
    inspect(Object.getOwnPropertyDescriptors(token)),
  ];
  for (const text of shown) expect(text).not.toContain("s3cret");
  expect(JSON.parse(JSON.stringify(token))).toMatchObject({ id: token.id, token: "<redacted>" });
});

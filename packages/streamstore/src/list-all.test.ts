import type { ScriptedTransport } from "@s2-dev/streamstore-core/testing";
import { describe, expect, it } from "vitest";
import { answerError, answerJson, BASIN, createTestClient, nextCall, rejection } from "../test/support.js";
import type { ListAllArgs } from "./list-all.js";
import type { S2Client } from "./s2.js";

type Names = (s2: S2Client, args?: ListAllArgs) => AsyncGenerator<{ name: string }>;

async function* idsAsNames(tokens: AsyncGenerator<{ id: string }>): AsyncGenerator<{ name: string }> {
  for await (const { id } of tokens) yield { name: id };
}

const LISTINGS: [what: string, items: string, list: Names, path: RegExp][] = [
  ["basins", "basins", (s2, args) => s2.basins.listAll(args), /\/basins(\?|$)/],
  ["streams", "streams", (s2, args) => s2.basin(BASIN).streams.listAll(args), /\/streams(\?|$)/],
  [
    "access tokens",
    "access_tokens",
    (s2, args) => idsAsNames(s2.accessTokens.listAll(args)),
    /\/access-tokens(\?|$)/,
  ],
];

const item = (name: string, deleted_at: string | null = null): object => ({ name, id: name, deleted_at });

async function take(names: AsyncGenerator<{ name: string }>): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of names) found.push(name);
  return found;
}

const queries = (transport: ScriptedTransport): string[] =>
  transport.exchanges.map(({ request }) => decodeURIComponent(new URL(request.url).search));

describe.each(LISTINGS)("listing all %s", (_, items, list, path) => {
  it("goes on after the last item of each page until there is no more [D1-65]", async () => {
    const { s2, transport } = createTestClient();
    const names = take(list(s2, { prefix: "a", limit: 2 }));
    const first = await nextCall(transport);
    expect(first.request.url).toMatch(path);
    answerJson(first, 200, { [items]: [item("a1"), item("a2")], has_more: true });
    answerJson(await nextCall(transport), 200, { [items]: [item("a3")], has_more: true });
    answerJson(await nextCall(transport), 200, { [items]: [], has_more: false });
    expect(await names).toEqual(["a1", "a2", "a3"]);
    expect(queries(transport)).toEqual([
      "?prefix=a&limit=2",
      "?prefix=a&start_after=a2&limit=2",
      "?prefix=a&start_after=a3&limit=2",
    ]);
  });

  it("asks for a page when it is wanted, and tells what went wrong with it", async () => {
    const { s2, transport } = createTestClient();
    const names = list(s2);
    expect(transport.exchanges).toEqual([]);
    const next = names.next();
    answerError(await nextCall(transport), 403, "permission_denied");
    expect(await rejection(next)).toMatchObject({ code: "permission_denied" });
  });

  it("refuses a bad prefix before anything is sent", async () => {
    const { s2, transport } = createTestClient();
    expect(await rejection(take(list(s2, { prefix: "\0" })))).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(transport.exchanges).toEqual([]);
  });
});

describe.each(LISTINGS.slice(0, 2))("listing all %s", (_, items, list) => {
  it("leaves out what is being deleted, and goes on behind it [D1-65]", async () => {
    const { s2, transport } = createTestClient();
    const names = take(list(s2));
    answerJson(await nextCall(transport), 200, {
      [items]: [item("a1", "2026-01-01T00:00:00Z"), item("a2", "2026-01-01T00:00:00Z")],
      has_more: true,
    });
    answerJson(await nextCall(transport), 200, { [items]: [item("a3")], has_more: false });
    expect(await names).toEqual(["a3"]);
    expect(queries(transport)).toEqual(["", "?start_after=a2"]);
  });

  it("refuses what is no answer to whether it is wanted", async () => {
    const { s2, transport } = createTestClient();
    const wrong = { includeDeleted: "yes" } as unknown as ListAllArgs;
    expect(await rejection(take(list(s2, wrong)))).toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(/includeDeleted .*"yes"/),
    });
    expect(await rejection(take(list(s2, null as never)))).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(transport.exchanges).toEqual([]);
  });

  it("gives it out on request", async () => {
    const { s2, transport } = createTestClient();
    const names = take(list(s2, { includeDeleted: true }));
    answerJson(await nextCall(transport), 200, {
      [items]: [item("a1", "2026-01-01T00:00:00Z"), item("a2")],
      has_more: false,
    });
    expect(await names).toEqual(["a1", "a2"]);
  });
});

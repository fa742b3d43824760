import { type LocalServer, startLocal } from "@s2-dev/streamstore-local";
import { afterAll, beforeAll, expect, it } from "vitest";
import { streamThrough } from "../../src/networks/client.js";

let local: LocalServer;
beforeAll(async () => {
  local = await startLocal();
});
afterAll(() => local.close());

/** As frameworks patch `fetch`: what was fetched once is kept, unless the request says that it must not be. */
function keepingFetch(kept: Map<string, Response>): typeof fetch {
  return async (input, init) => {
    const key = String(input);
    const mayKeep = (init?.method ?? "GET") === "GET" && init?.cache !== "no-store";
    const before = mayKeep ? kept.get(key) : undefined;
    if (before !== undefined) return before.clone();
    const response = await fetch(input, init);
    if (mayKeep) kept.set(key, response.clone());
    return response;
  };
}

it("what a framework's fetch would keep is asked for anew: reads, tails and sessions", async () => {
  const kept = new Map<string, Response>();
  await using network = await streamThrough(local, local.origin, "fetch", { fetch: keepingFetch(kept) });
  const { stream } = network;
  for (const count of [1, 2]) {
    await stream.append({ body: String(count) });
    expect((await stream.checkTail()).tail.seq_num).toBe(count);
    expect((await stream.read({ seq_num: 0 })).records).toHaveLength(count);
    const session = await stream.readSession({ seq_num: 0, wait: 0 });
    let seen = 0;
    for await (const _ of session) seen += 1;
    expect(seen).toBe(count);
  }
  expect([...kept.keys()]).toEqual([]);
});

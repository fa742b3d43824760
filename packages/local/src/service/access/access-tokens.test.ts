import { expect, test } from "vitest";
import { createMemoryTable } from "../../storage/memory-table.js";
import type { Table } from "../../storage/storage.js";
import { createServiceClock } from "../clock.js";
import { KeyedLock } from "../keyed-lock.js";
import { createAccessTokens, type TokenRow } from "./access-tokens.js";

const scope = { basins: { prefix: "" }, op_groups: { account: { read: true } } };

test("a token whose name is given again while expired ones are swept stays", async () => {
  let now = 1000;
  const rows = createMemoryTable<TokenRow>();
  let meanwhile = async (): Promise<unknown> => undefined;
  const table: Table<TokenRow> = {
    get: (name) => rows.get(name),
    put: (name, row) => rows.put(name, row),
    delete: (name) => rows.delete(name),
    async list(range) {
      const page = await rows.list(range);
      const run = meanwhile;
      meanwhile = async () => undefined;
      await run();
      return page;
    },
  };
  const clock = { ...createServiceClock(undefined), epoch: () => now };
  const tokens = createAccessTokens(table, clock, new KeyedLock());
  const request = { id: "t", scope, autoPrefixStreams: false };
  await tokens.issue({ ...request, expiresAt: 2000 });
  now = 3000;
  let secret = "";
  meanwhile = async () => {
    secret = await tokens.issue({ ...request, expiresAt: 9000 });
  };
  const { items } = await tokens.list({ prefix: "", startAfter: "", limit: 1000 });
  expect(items.map(({ id, expiresAt }) => [id, expiresAt])).toEqual([["t", 9000]]);
  expect(await tokens.authenticate(secret)).toMatchObject({ id: "t" });
});

import { S2 } from "@s2-dev/streamstore";
import { type LocalServer, startLocal } from "@s2-dev/streamstore-local";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Load, runLoad } from "./load.js";

const BASIN = "many-streams";
const LOAD: Load = {
  streams: 5,
  batches: 3,
  recordsInBatch: 4,
  bodyBytes: 10,
  underWay: 2,
  transport: "s2s",
};

let local: LocalServer;
let client: S2;
beforeAll(async () => {
  const config = { create_stream_on_append: true, create_stream_on_read: true };
  local = await startLocal({ init: { basins: [{ name: BASIN, config }] } });
  client = new S2({ accessToken: "ignored", endpoints: local.endpoints });
});
afterAll(async () => {
  await client.close();
  await local.close();
});

it("writes and follows every stream, and says how much that was", async () => {
  const report = await runLoad(client, BASIN, LOAD);
  expect(report.records).toBe(60);
  const tails = await Promise.all(
    [0, 1, 2, 3, 4].map((index) => client.basin(BASIN).stream(`many-${index}`).checkTail()),
  );
  expect(tails.map(({ tail }) => tail.seq_num)).toEqual([12, 12, 12, 12, 12]);
});

it("fails when a stream has anything else in it than what was written", async () => {
  await client.basin(BASIN).stream("many-0").append({ body: "of somebody else" });
  await expect(runLoad(client, BASIN, { ...LOAD, streams: 1 })).rejects.toThrow(/12 were written/);
});

import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { eventually, ROUND_DEADLINE } from "../waiting.js";

export const expiring = topic("expiring", ({ raw }) => {
  raw(
    "deletes an empty stream after its minimum age, and no other",
    ["delete.on-empty"],
    async (ctx) => {
      const basin = await ctx.basin({ default_stream_config: { delete_on_empty: { min_age_secs: 1 } } });
      const own = { "s2-basin": basin };
      await ctx.http.json("POST", "/v1/streams", { stream: "empty" }, own);
      await ctx.http.json(
        "POST",
        "/v1/streams",
        { stream: "kept", config: { delete_on_empty: { min_age_secs: 0 } } },
        own,
      );
      await ctx.http.json(
        "POST",
        "/v1/streams",
        { stream: "full", config: { retention_policy: { infinite: {} } } },
        own,
      );
      await ctx.routes(basin, "full").appended("a");
      const names = async (): Promise<string[]> =>
        (await ctx.http.get("/v1/streams", own))
          .json<{ streams: { name: string }[] }>()
          .streams.map(({ name }) => name);
      await eventually(
        "the empty stream is gone",
        async () => ((await names()).includes("empty") ? undefined : true),
        ROUND_DEADLINE,
      );
      expect(await names()).toEqual(["full", "kept"]);
    },
    { wires: ["http/2"] },
  );

  raw(
    "gives no record whose retention is over",
    ["config.retention"],
    async (ctx) => {
      const stream = await ctx.stream({ retention_policy: { age: 1 } });
      await stream.appended("old");
      await eventually("the record has expired", async () =>
        (await stream.read("seq_num=0")).text === '{"records":[]}' ? true : undefined,
      );
      expect((await stream.appended("new")).start.seq_num).toBe(1);
    },
    { wires: ["http/2"] },
  );
});

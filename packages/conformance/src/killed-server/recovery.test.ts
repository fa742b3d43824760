import { describe, expect, it } from "vitest";
import { measureRecovery } from "./recovery.js";
import type { WrittenBatch } from "./writer.js";

const position = { seq_num: 0, timestamp: 0 };
const acked = (settledAt: number): WrittenBatch => ({
  first: 0,
  count: 1,
  took: 1,
  settledAt,
  ack: { start: position, end: position, tail: position },
});

describe("the recovery after a kill", () => {
  it("lasts until the first acknowledgement after the server is up, not one that was on its way", () => {
    const outages = [{ killedAt: 100, upAt: 150 }];
    expect(measureRecovery(outages, [acked(90), acked(110), acked(180), acked(190)])).toEqual({
      away: { middle: 50, most: 50 },
      recovered: { middle: 80, most: 80 },
    });
  });

  it("has no end when nothing is acknowledged any more", () => {
    expect(measureRecovery([{ killedAt: 1, upAt: 2 }], [acked(1)]).recovered.most).toBe(
      Number.POSITIVE_INFINITY,
    );
  });

  it("gives the middle one and the most of several", () => {
    const outages = [10, 20, 30].map((away, index) => ({ killedAt: index * 100, upAt: index * 100 + away }));
    const batches = outages.map(({ upAt }) => acked(upAt));
    expect(measureRecovery(outages, batches).recovered).toEqual({ middle: 20, most: 30 });
  });
});

import { expect, test } from "vitest";
import { pageSize, take } from "./take.js";

test("takes the first items, says whether more follow, and leaves the listing", async () => {
  let hasLeft = false;
  async function* listing(count: number) {
    try {
      for (let item = 0; item < count; item++) yield item;
    } finally {
      hasLeft = true;
    }
  }
  expect(await take(listing(5), 2)).toEqual({ items: [0, 1], hasMore: true });
  expect(hasLeft).toBe(true);
  expect(await take(listing(2), 2)).toEqual({ items: [0, 1], hasMore: false });
  expect(await take(listing(0), 2)).toEqual({ items: [], hasMore: false });
  expect([pageSize(100), pageSize(5000)]).toEqual([101, 1000]);
});

import { describe, expect, it } from "vitest";
import { createWriterId } from "./writer-id.js";

describe("a writer id", () => {
  it("is 12 characters of nanoid's alphabet", () => {
    expect(createWriterId()).toMatch(/^[A-Za-z0-9_-]{12}$/);
  });

  it("is another one each time", () => {
    expect(new Set(Array.from({ length: 1000 }, () => createWriterId())).size).toBe(1000);
  });

  it("comes from the random source that is given", () => {
    const same = (count: number) => new Uint8Array(count).fill(7);
    expect(createWriterId(same)).toBe(createWriterId(same));
    expect(createWriterId(same)).not.toBe(createWriterId((count) => new Uint8Array(count).fill(8)));
  });
});

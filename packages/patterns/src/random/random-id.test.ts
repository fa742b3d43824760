import { describe, expect, it } from "vitest";
import { randomId } from "./random-id.js";

describe("a random id", () => {
  it("is as many letters, digits, underscores and dashes as asked for", () => {
    expect(randomId(12)).toMatch(/^[A-Za-z0-9_-]{12}$/);
    expect(randomId(1)).toHaveLength(1);
  });

  it("is another one each time", () => {
    expect(new Set(Array.from({ length: 1000 }, () => randomId(12))).size).toBe(1000);
  });

  it("uses each of 64 characters for as many bytes as any other", () => {
    const counts = new Map<string, number>();
    for (const character of randomId(256, () => Uint8Array.from({ length: 256 }, (_, byte) => byte))) {
      counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    expect(counts.size).toBe(64);
    expect(new Set(counts.values())).toEqual(new Set([4]));
  });
});

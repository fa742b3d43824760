import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { redact } from "./redacted.js";
import { reveal } from "./secrets.js";

const SECRET = "s2_secret_Q7x9";

describe("a redacted secret", () => {
  it("can be revealed", () => {
    expect(reveal(redact(SECRET))).toBe(SECRET);
  });

  it("shows in nothing that prints, spreads, clones or serialises it [D1-61]", () => {
    const box = redact(SECRET);
    const shown = [
      String(box),
      `${box}`,
      JSON.stringify({ box }),
      inspect(box, { depth: 9, showHidden: true }),
      inspect(structuredClone(box), { depth: 9, showHidden: true }),
      inspect({ ...box }),
      Reflect.ownKeys(box).map(String).join(),
      Object.prototype.toString.call(box),
    ];
    expect(shown.join("\n")).not.toContain(SECRET);
    expect(String(box)).toBe("<redacted>");
  });

  it("cannot be changed, and keeps its secret from a prototype that was tampered with [D1-61]", () => {
    const box = redact(SECRET);
    expect(Object.isFrozen(box)).toBe(true);
    const { get } = WeakMap.prototype;
    const seen: unknown[] = [];
    WeakMap.prototype.get = function (key) {
      const value: unknown = get.call(this, key);
      seen.push(value);
      return value;
    };
    try {
      expect(reveal(box)).toBe(SECRET);
    } finally {
      WeakMap.prototype.get = get;
    }
    expect(seen).not.toContain(SECRET);
  });
});

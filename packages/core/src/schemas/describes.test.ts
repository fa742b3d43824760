import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { describes, type Matches, type Wide } from "./describes.js";
import { u64 } from "./primitives.js";

interface Shape {
  needed: string;
  free?: number | null | undefined;
}

const right = z.object({ needed: z.string(), free: z.nullish(z.number()) });
const missing = z.object({ needed: z.string() });
const additional = z.object({
  needed: z.string(),
  free: z.nullish(z.number()),
  more: z.optional(z.string()),
});
const narrower = z.object({ needed: z.string(), free: z.optional(z.number()) });
const wider = z.object({ needed: z.string(), free: z.nullish(z.union([z.number(), z.string()])) });
const stricter = z.object({ needed: z.string(), free: z.union([z.number(), z.null(), z.undefined()]) });
const freer = z.object({ needed: z.optional(z.string()), free: z.nullish(z.number()) });

// Each line compiles only while the check can tell: these are the tests, the rest is there to be run.
const verdicts: [
  Matches<typeof right, Shape>,
  Matches<typeof missing, Shape>,
  Matches<typeof additional, Shape>,
  Matches<typeof narrower, Shape>,
  Matches<typeof wider, Shape>,
  Matches<typeof stricter, Shape>,
  Matches<typeof freer, Shape>,
] = [true, false, false, false, false, false, false];

describe("a schema that describes an interface", () => {
  it("is told from one that lacks, adds, narrows, widens or demands a field", () => {
    expect(verdicts.filter(Boolean)).toHaveLength(1);
    // @ts-expect-error a field is missing
    describes<Shape>()(missing);
    // @ts-expect-error there is one too many
    describes<Shape>()(additional);
  });

  it("is the schema itself, under the interface's type", () => {
    const typed: z.ZodMiniType<Shape> = describes<Shape>()(right);
    expect(typed).toBe(right);
  });

  it("may keep unknown fields, which is no difference", () => {
    const typed = describes<Shape>()(z.looseObject({ needed: z.string(), free: z.nullish(z.number()) }));
    expect(typed.parse({ needed: "a", more: 1 })).toEqual({ needed: "a", more: 1 });
  });

  it("has wide integers where a number is typed", () => {
    const typed = describes<Wide<{ at: [number, string] }>>()(z.object({ at: z.tuple([u64, z.string()]) }));
    expect(typed.parse({ at: [2n ** 63n, "a"] })).toEqual({ at: [2n ** 63n, "a"] });
    // @ts-expect-error the interface's integers are not wide
    describes<{ at: number }>()(z.object({ at: u64 }));
  });
});

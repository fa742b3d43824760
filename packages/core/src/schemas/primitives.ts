import * as z from "zod/mini";

const MAX_U64 = 2n ** 64n - 1n;

/** An integer from 0 to 2^64-1; beyond 2^53-1 only as bigint, since a number has been rounded there. */
export const u64 = z.union([
  z.int().check(z.minimum(0)),
  z.bigint().check(z.minimum(0n), z.maximum(MAX_U64)),
]);

/** Any text, typed as the words known today: enums of answers are open, since servers grow. */
export function openEnum<Word extends string>(): z.ZodMiniType<Word> {
  return z.string() as unknown as z.ZodMiniType<Word>;
}

/** A text that another check of this package accepts. */
export function checked(check: (value: unknown) => void, rule: string): z.ZodMiniString {
  return z.string().check(z.refine((value) => passes(check, value), rule)) as z.ZodMiniString;
}

function passes(check: (value: unknown) => void, value: unknown): boolean {
  try {
    check(value);
    return true;
  } catch {
    return false;
  }
}

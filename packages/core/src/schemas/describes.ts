import type * as z from "zod/mini";

type Leaf = string | boolean | bigint | null | undefined;

/**
 * A shape with its integers wide: JSON holds unsigned 64-bit integers, and a parser that rounds nothing gives those
 * beyond 2^53-1 as bigint.
 */
export type Wide<T> = T extends Leaf
  ? T
  : T extends number
    ? number | bigint
    : { [K in keyof T]: Wide<T[K]> };

/** A type without the index signatures that "keeps unknown fields" adds. */
type Known<T> = T extends Leaf | number
  ? T
  : T extends readonly unknown[]
    ? { [K in keyof T]: Known<T[K]> }
    : { [K in keyof T as string extends K ? never : K]: Known<T[K]> };

type Same<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false;

/** Both ways, and key by key: a field missing on one side, or optional there only, is a difference. */
export type Matches<Schema extends z.ZodMiniType, T> = Same<Known<z.output<Schema>>, Known<T>>;

/** Demands at compile time that a schema describes exactly `T`, and gives the schema under that type. */
export function describes<T>(): <Schema extends z.ZodMiniType>(
  schema: Matches<Schema, T> extends true
    ? Schema
    : ["this schema does not describe", T, "but", z.output<Schema>],
) => z.ZodMiniType<T> {
  return (schema) => schema as unknown as z.ZodMiniType<T>;
}

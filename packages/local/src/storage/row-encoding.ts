const BIGINT = "$bigint";
const INFINITY = "$infinity";

/** The value in JSON's own kinds: integers beyond 2^53 as `{ "$bigint": "…" }`, infinity as `{ "$infinity": true }`. */
export function plain(value: unknown): unknown {
  if (typeof value === "bigint") return { [BIGINT]: String(value) };
  if (value === Number.POSITIVE_INFINITY) return { [INFINITY]: true };
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

/** Undoes `plain`. */
export function rich(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(rich);
  if (INFINITY in value) return Number.POSITIVE_INFINITY;
  const marked = (value as Record<string, unknown>)[BIGINT];
  if (typeof marked === "string") return BigInt(marked);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, rich(member)]));
}

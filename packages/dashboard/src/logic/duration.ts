const UNITS: readonly (readonly [unit: string, seconds: number])[] = [
  ["w", 604_800],
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
];

/** Whole seconds of a duration such as `7d`, `1h 30m` or `90` (seconds); `undefined` when it is none. */
export function secondsFrom(text: string): number | undefined {
  const given = text.trim().toLowerCase();
  if (/^\d+$/.test(given)) return Number(given);
  if (!/^(?:\d+\s*[wdhms]\s*)+$/.test(given)) return undefined;
  let seconds = 0;
  for (const [, count, unit] of given.matchAll(/(\d+)\s*([wdhms])/g)) {
    seconds += Number(count) * (UNITS.find(([name]) => name === unit)?.[1] ?? 0);
  }
  return seconds;
}

/** The shortest way to write so many seconds: `7d`, `1h 30m`. */
export function durationOf(seconds: number): string {
  if (seconds === 0) return "0s";
  let rest = seconds;
  const parts: string[] = [];
  for (const [unit, size] of UNITS.slice(1)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.join(" ");
}

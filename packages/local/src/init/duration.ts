const UNITS: Readonly<Record<string, number>> = Object.freeze(
  Object.fromEntries(
    (
      [
        [["nsec", "ns"], 1e-9],
        [["usec", "us"], 1e-6],
        [["msec", "ms", "millis"], 1e-3],
        [["seconds", "second", "sec", "secs", "s"], 1],
        [["minutes", "minute", "min", "mins", "m"], 60],
        [["hours", "hour", "hr", "hrs", "h"], 3600],
        [["days", "day", "d"], 86_400],
        [["weeks", "week", "wk", "wks", "w"], 604_800],
        [["months", "month", "M"], 2_630_016],
        [["years", "year", "yr", "yrs", "y"], 31_557_600],
      ] as const
    ).flatMap(([names, seconds]) => names.map((name) => [name, seconds] as const)),
  ),
);

/** Whole seconds of a duration such as `7days` or `2h 30m`; `undefined` when it is none. */
export function durationSecs(text: string): number | undefined {
  if (text.trim() === "0") return 0;
  let seconds = 0;
  let rest = text.trim();
  if (rest === "") return undefined;
  while (rest !== "") {
    const part = /^(\d+)\s*([A-Za-z]+)\s*/.exec(rest);
    const unit = part === null ? undefined : UNITS[part[2] as string];
    if (part === null || unit === undefined) return undefined;
    seconds += Number(part[1]) * unit;
    rest = rest.slice(part[0].length);
  }
  return Math.floor(seconds);
}

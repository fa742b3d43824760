const LAST_DATE = 8_640_000_000_000_000;
const date = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** A time as the service writes it, for reading. */
export function dateText(rfc3339: string | null | undefined): string {
  if (rfc3339 === null || rfc3339 === undefined) return "–";
  const time = Date.parse(rfc3339);
  return Number.isNaN(time) ? rfc3339 : date.format(time);
}

/** A record's time of day to the millisecond, local; what cannot be a time stays a number. */
export function clockText(timestamp: number): string {
  if (timestamp > LAST_DATE) return String(timestamp);
  const time = new Date(timestamp);
  const two = (part: number): string => String(part).padStart(2, "0");
  const millis = String(time.getMilliseconds()).padStart(3, "0");
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${millis}`;
}

/** A record's time in full, in UTC. */
export function isoText(timestamp: number): string {
  return timestamp > LAST_DATE ? String(timestamp) : new Date(timestamp).toISOString();
}

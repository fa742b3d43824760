import type { S2Stream } from "@s2-dev/streamstore";

const DAY = 90;

/** How much happens in a minute: a tide, and now and then a burst. */
export function recordsIn(minute: number): number {
  const tide = 1 + Math.sin((2 * Math.PI * minute) / DAY);
  return Math.round(40 * tide) + (minute % 37 === 36 ? 120 : 0);
}

/** One minute's work: appends, and at times somebody who reads some of it. */
export async function work(stream: S2Stream, minute: number): Promise<void> {
  const count = recordsIn(minute);
  if (count > 0) {
    await stream.append(Array.from({ length: count }, () => ({ body: "x".repeat(400) })));
  }
  if (minute % 5 === 0) await stream.read({ tail_offset: count * 2, count: count * 2 });
}

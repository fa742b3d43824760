/** What a stream holds: base64 bodies by sequence number, and where the next record goes. */
export interface StreamWorld {
  readonly next: number;
  readonly records: ReadonlyMap<number, string>;
}

/** What a basin holds, by name of the stream; `undefined` when there is no basin. */
export type World = ReadonlyMap<string, StreamWorld> | undefined;

export const EMPTY_STREAM: StreamWorld = { next: 0, records: new Map() };

export function withStream(world: World, name: string, stream: StreamWorld | undefined): World {
  const changed = new Map(world);
  if (stream === undefined) changed.delete(name);
  else changed.set(name, stream);
  return changed;
}

export function appended({ next, records }: StreamWorld, bodies: readonly string[]): StreamWorld {
  const all = new Map(records);
  for (const [index, body] of bodies.entries()) all.set(next + index, body);
  return { next: next + bodies.length, records: all };
}

/** A stream after a trim, whose command stands at its end. */
export function trimmed(stream: StreamWorld, point: number, command: string): StreamWorld {
  const { next, records } = appended(stream, [command]);
  return { next, records: new Map([...records].filter(([seqNum]) => seqNum >= point)) };
}

/** The same text for the same world. */
export function textOf(world: World): string {
  if (world === undefined) return "no basin";
  const streams = [...world].map(([name, { next, records }]) => [name, next, [...records]] as const);
  return JSON.stringify(streams.sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** The same for people: where each stream ends, and which records it has. */
export function shortOf(world: World): string {
  if (world === undefined) return "no basin";
  return [...world]
    .map(([name, { next, records }]) => `${name} up to ${next} with ${rangesOf(records)}`)
    .join(", ");
}

function rangesOf(records: ReadonlyMap<number, string>): string {
  const ranges: [number, number][] = [];
  for (const seqNum of records.keys()) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === seqNum - 1) last[1] = seqNum;
    else ranges.push([seqNum, seqNum]);
  }
  return ranges.map(([from, to]) => `${from}-${to}`).join(" ") || "nothing";
}

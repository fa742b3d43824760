/** The parts of a `.cpuprofile` that are used here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface SelfTime {
  readonly name: string;
  readonly micros: number;
}

/** Time spent in each function itself, most first; idle time is left out. */
export function selfTimes(profile: CpuProfile): {
  readonly total: number;
  readonly rows: readonly SelfTime[];
} {
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  for (const [index, id] of profile.samples.entries()) {
    const name = names.get(id) ?? "?";
    // A sample stands for the time until the next one.
    times.set(name, (times.get(name) ?? 0) + (profile.timeDeltas[index + 1] ?? 0));
  }
  times.delete("(idle)");
  const rows = [...times].map(([name, micros]) => ({ name, micros })).sort((a, b) => b.micros - a.micros);
  return { total: rows.reduce((sum, { micros }) => sum + micros, 0), rows };
}

function nameOf({ functionName, url, lineNumber }: CpuProfile["nodes"][number]["callFrame"]): string {
  if (url === "") return functionName;
  const file = url.replace(/^.*\/(?=[^/]+\/[^/]+$)/, "");
  return `${functionName || "(anonymous)"} ${file}:${lineNumber + 1}`;
}

/** Bytes of memory that the process has, after the collector has run. */
export async function settledRss(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return process.memoryUsage().rss;
}

/** Bytes on the heap and in buffers, after the collector has run. */
export async function settledHeap(): Promise<number> {
  await settledRss();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function collect(): void {
  if (globalThis.gc === undefined) throw new Error("run with --expose-gc");
  globalThis.gc();
}

/** How much of every kind of resource holds the event loop: sockets, timers, ... */
export function resources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) {
    // The program's own output.
    if (!/^(PipeWrap|TTYWrap)$/.test(name)) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

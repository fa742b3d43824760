import { readFileSync } from "node:fs";
import type { Round } from "../job.js";

/** Measures one round from here to `stop`. */
export function startMeter(): { stop(records: number): Pick<Round, "records" | "cpuMicros" | "wallMicros"> } {
  const cpu = process.cpuUsage();
  const started = performance.now();
  return {
    stop(records) {
      const { user, system } = process.cpuUsage(cpu);
      return { records, cpuMicros: user + system, wallMicros: (performance.now() - started) * 1000 };
    },
  };
}

/** Bytes resident now. */
export function residentMemory(): number {
  return process.memoryUsage.rss();
}

/** Most bytes resident so far. Linux's own figure: `maxRSS` starts at that of the parent there. */
export function peakMemory(): number {
  try {
    const match = /VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"));
    if (match !== null) return Number(match[1]) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}

/** Resident after a full collection; needs `--expose-gc`. */
export async function settledMemory(): Promise<number> {
  const { gc } = globalThis as { gc?: () => void };
  for (let pass = 0; pass < 4; pass++) {
    gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return residentMemory();
}

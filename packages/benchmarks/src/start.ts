import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * How long the embedded server takes to start: in new processes, since the first time in one costs most. Prints medians,
 * in milliseconds.
 */
const PROCESSES = 15;
const LATER = 20;

interface Millis {
  /** To load the package, then to start a server for the first time, and again. */
  readonly load: number;
  readonly first: number;
  readonly later: number;
  /** Again, without a port. */
  readonly withoutPort: number;
}

async function measure(): Promise<Millis> {
  const loading = performance.now();
  const { startLocal } = await import("@s2-dev/streamstore-local");
  const load = performance.now() - loading;
  const start = async (listen: boolean): Promise<number> => {
    const from = performance.now();
    const local = await startLocal({ listen });
    const millis = performance.now() - from;
    await local.close();
    return millis;
  };
  const first = await start(true);
  const again = async (listen: boolean): Promise<number> => {
    const all: number[] = [];
    for (let round = 0; round < LATER; round += 1) all.push(await start(listen));
    return median(all);
  };
  return { load, first, later: await again(true), withoutPort: await again(false) };
}

function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

if (process.argv[2] === "once") console.log(JSON.stringify(await measure()));
else {
  const program = fileURLToPath(import.meta.url);
  const all = Array.from(
    { length: PROCESSES },
    () => JSON.parse(execFileSync(process.execPath, [program, "once"], { encoding: "utf8" })) as Millis,
  );
  for (const name of ["load", "first", "later", "withoutPort"] as const)
    console.log(`${name.padEnd(12)} ${median(all.map((one) => one[name])).toFixed(1)} ms`);
}

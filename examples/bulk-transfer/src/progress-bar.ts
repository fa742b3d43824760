import type { Progress } from "./transfer.js";

const WIDTH = 30;
const MIB = 1024 * 1024;

/** One line: how much of it is done, as a bar and in figures. */
export function progressLine(label: string, { bytes, total }: Progress, bytesPerSecond: number): string {
  const part = total === 0 ? 1 : bytes / total;
  const bar = "█".repeat(Math.floor(part * WIDTH)).padEnd(WIDTH, "░");
  const percent = `${Math.floor(part * 100)} %`.padStart(5);
  const mib = [bytes, total, bytesPerSecond].map((value) => (value / MIB).toFixed(1));
  return `${label} ${bar}${percent} ${mib[0]} of ${mib[1]} MiB, ${mib[2]} MiB/s`;
}

/** Draws the line over itself in a terminal; elsewhere it says nothing. */
export class ProgressBar {
  readonly #label: string;
  readonly #out: NodeJS.WriteStream;
  readonly #begun = performance.now();
  #first: number | undefined;
  #drawn = "";

  constructor(label: string, out: NodeJS.WriteStream = process.stderr) {
    this.#label = label;
    this.#out = out;
  }

  readonly show = ({ bytes, total }: Progress): void => {
    if (!this.#out.isTTY) return;
    this.#first ??= bytes;
    const seconds = (performance.now() - this.#begun) / 1000;
    const line = progressLine(this.#label, { bytes, total }, (bytes - this.#first) / seconds);
    if (line === this.#drawn) return;
    this.#drawn = line;
    this.#out.write(`\r\u001b[K${line}`);
  };

  end(): void {
    if (this.#drawn !== "") this.#out.write("\n");
  }
}

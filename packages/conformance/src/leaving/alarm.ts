import { writeSync } from "node:fs";

/** How long a process may be kept by something after its work is done, in milliseconds; well below any idle timeout. */
const GRACE = 1500;

/**
 * To be called when nothing is left to do: prints `done`, and complains when something keeps the process although the
 * alarm itself does not.
 */
export function expectToLeave(): void {
  writeSync(1, "done\n");
  setTimeout(() => {
    writeSync(1, `kept by ${process.getActiveResourcesInfo?.().join(", ") || "something"}\n`);
    process.exit(1);
  }, GRACE).unref();
}

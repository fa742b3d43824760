import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { ResumePosition } from "@s2-dev/streamstore-patterns/typed";

/** All entries as they were at a position of the stream. */
export interface Snapshot {
  readonly position: ResumePosition;
  readonly entries: readonly (readonly [key: string, value: unknown])[];
}

/** Where snapshots are kept: whoever starts loads the newest. An object store serves as well as this folder. */
export interface Snapshots {
  load(): Promise<Snapshot | undefined>;
  /** Durable when it resolves; until then, and if it fails, the older one stays. */
  save(snapshot: Snapshot): Promise<void>;
}

export function snapshotsIn(folder: string): Snapshots {
  const file = join(folder, "snapshot.json");
  return {
    async load() {
      try {
        return JSON.parse(await readFile(file, "utf8")) as Snapshot;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    async save(snapshot) {
      await mkdir(folder, { recursive: true });
      const handle = await open(`${file}.next`, "w");
      try {
        await handle.writeFile(JSON.stringify(snapshot));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(`${file}.next`, file);
    },
  };
}

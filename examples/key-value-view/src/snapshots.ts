import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
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
  /**
   * Durable when it resolves; until then, and if it fails, the one before stays. One of an older position never takes the
   * place of a newer one, however late it comes: what the newer one covers may be trimmed.
   */
  save(snapshot: Snapshot): Promise<void>;
}

export function snapshotsIn(folder: string): Snapshots {
  /** Named by position, so that the newest is the last whoever came last. */
  const names = async (): Promise<string[]> => {
    const files = await readdir(folder).catch((error) => unlessMissing(error, []));
    return files.filter((name) => name.endsWith(".json")).sort();
  };
  return {
    async load() {
      for (;;) {
        const newest = (await names()).at(-1);
        if (newest === undefined) return undefined;
        const text = await readFile(join(folder, newest), "utf8").catch((error) => unlessMissing(error, ""));
        // Removed meanwhile: then a newer one is there.
        if (text !== "") return JSON.parse(text) as Snapshot;
      }
    },
    async save(snapshot) {
      await mkdir(folder, { recursive: true });
      const name = `${String(snapshot.position.after).padStart(16, "0")}.json`;
      const draft = join(folder, `${name}.${crypto.randomUUID()}`);
      const handle = await open(draft, "w");
      try {
        await handle.writeFile(JSON.stringify(snapshot));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(draft, join(folder, name));
      for (const older of (await names()).filter((other) => other < name))
        await rm(join(folder, older), { force: true });
    },
  };
}

function unlessMissing<T>(error: unknown, otherwise: T): T {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return otherwise;
  throw error;
}

import { mkdir, open, realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a directory unless it is there, and gives its real path, so that it has one name.
 * @throws Error when it cannot be used.
 */
export async function makeDirectory(path: string): Promise<string> {
  try {
    const missing: string[] = [];
    for (let at = path; !(await exists(at)); at = dirname(at)) missing.unshift(at);
    for (const at of missing) {
      await mkdir(at).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
      });
      // Names last when the directories that they stand in are on the disk.
      await syncUp(dirname(at));
    }
    return await realpath(path);
  } catch (error) {
    throw unusable(path, error);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** What is thrown of a directory that cannot be used, whatever it is. */
export function unusable(directory: string, error: unknown): Error {
  return new Error(`cannot use the directory ${directory}: ${(error as Error).message}`, { cause: error });
}

/** Has the names in a directory written to its disk. */
export async function syncUp(directory: string): Promise<void> {
  // Windows does not open a directory as a file, and makes its names last by itself.
  if (process.platform === "win32") return;
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

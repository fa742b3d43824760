import { hostname } from "node:os";

/** Whose a directory is. */
export interface DirectoryOwner {
  /** Number of the process. */
  readonly pid: number;
  /** Name of the machine or container. */
  readonly host: string;
  /** When it opened the directory, as RFC 3339. */
  readonly since: string;
  /** When the process began, in milliseconds since the epoch: the same in all of its threads. */
  readonly started?: number | undefined;
}

/** Somebody else has the directory open, or this process has opened it already. */
export class DirectoryInUseError extends Error {
  /** `"DirectoryInUseError"`. */
  override readonly name = "DirectoryInUseError";

  constructor(
    /** The directory, as an absolute path. */
    readonly directory: string,
    readonly owner: DirectoryOwner,
  ) {
    const { pid, host, since } = owner;
    super(
      `the directory ${directory} is in use by process ${pid} on ${host}, since ${since}: ` +
        "one server at a time can have it. Stop that one, or use another directory",
    );
  }
}

export function thisOwner(): DirectoryOwner {
  const started = Math.round(performance.timeOrigin);
  return { pid: process.pid, host: hostname(), since: new Date().toISOString(), started };
}

/**
 * The processes in a table of readers, whose first column is the process. Each of them is alive: the system drops its
 * lock with it, and who is without one has been struck off.
 */
export function processesIn(readers: string): ReadonlySet<number> {
  const pids = new Set<number>();
  for (const line of readers.split("\n")) {
    const pid = /^\s*(\d+)\s/.exec(line)?.[1];
    if (pid !== undefined) pids.add(Number(pid));
  }
  return pids;
}

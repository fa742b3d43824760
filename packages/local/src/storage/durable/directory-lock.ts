import { type FileHandle, open, unlink } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { DirectoryInUseError, type DirectoryOwner } from "./directory-owner.js";

const NAME = "s2.sock";
/** Addresses of sockets are short: `sun_path` has 104 bytes or more, with a zero at the end. */
const MAX_PATH_BYTES = 103;
/** How long an owner may take to say who it is, in milliseconds; that it is there is known at once. */
const INTRODUCTION_MS = 500;

/** Says to everybody on this machine that a directory is taken. */
export interface DirectoryLock {
  /** Whether it can be taken there. */
  readonly isHeld: boolean;
  release(): Promise<void>;
}

/**
 * Takes a directory by listening on a socket in it. Who can be connected to is alive, also when it is in another
 * container, where its number means nothing here and may be this process's own; and a socket whose process has ended
 * refuses. Where there are no such sockets nothing is taken, and the store's own lock has to do.
 * @throws DirectoryInUseError
 */
export async function lockDirectory(directory: string, owner: DirectoryOwner): Promise<DirectoryLock> {
  if (process.platform === "win32") return NO_LOCK;
  const { path, handle } = await addressIn(directory);
  try {
    const server = path === undefined ? undefined : await listening(directory, path, owner);
    if (server === undefined) {
      await handle?.close();
      return NO_LOCK;
    }
    return {
      isHeld: true,
      async release() {
        await new Promise((resolve) => server.close(resolve));
        await handle?.close();
      },
    };
  } catch (error) {
    await handle?.close();
    throw error;
  }
}

/** A path of the socket that is short enough, and what has to stay open for it. */
async function addressIn(directory: string): Promise<{ path?: string; handle?: FileHandle }> {
  const path = join(directory, NAME);
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return { path };
  if (process.platform !== "linux") return {};
  const handle = await open(directory, "r");
  return { path: `/proc/self/fd/${handle.fd}/${NAME}`, handle };
}

async function listening(
  directory: string,
  path: string,
  owner: DirectoryOwner,
): Promise<Server | undefined> {
  // A second time, if what a process has left behind was in the way.
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const server = await listen(path, owner).catch((error: NodeJS.ErrnoException) => error);
    if (!(server instanceof Error)) return server;
    if (server.code !== "EADDRINUSE") return undefined;
    const other = await ownerBehind(path);
    if (other !== undefined) throw new DirectoryInUseError(directory, other);
    await unlink(path).catch(() => undefined);
  }
  throw new DirectoryInUseError(directory, UNKNOWN);
}

const NO_LOCK: DirectoryLock = { isHeld: false, release: async () => undefined };
const UNKNOWN: DirectoryOwner = { pid: 0, host: hostname(), since: "just now" };

function listen(path: string, owner: DirectoryOwner): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.unref().end(JSON.stringify(owner));
    });
    server.once("error", reject);
    server.listen(path, () => resolve(server.unref()));
  });
}

/** Who listens there; `undefined` when nobody does. */
function ownerBehind(path: string): Promise<DirectoryOwner | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let text = "";
    let isConnected = false;
    const done = (): void => {
      socket.destroy();
      resolve(isConnected ? ownerIn(text) : undefined);
    };
    socket.setTimeout(INTRODUCTION_MS, done);
    socket.on("connect", () => {
      isConnected = true;
    });
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.on("end", done);
    socket.on("error", (error: NodeJS.ErrnoException) => {
      // Whoever may not connect may not use the directory either.
      isConnected ||= error.code !== "ECONNREFUSED" && error.code !== "ENOENT";
      done();
    });
  });
}

function ownerIn(text: string): DirectoryOwner {
  try {
    const { pid, host, since } = JSON.parse(text) as DirectoryOwner;
    return { pid, host, since };
  } catch {
    return UNKNOWN;
  }
}

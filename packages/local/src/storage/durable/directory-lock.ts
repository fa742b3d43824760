import { randomBytes } from "node:crypto";
import { linkSync, readdirSync, statSync, unlinkSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { DirectoryInUseError, type DirectoryOwner } from "./directory-owner.js";

/** Names of claims: the number is the one after those that were there. */
const CLAIM = /^s2\.([1-9]\d{0,6})\.sock$/;
/** Addresses of sockets are short: `sun_path` has 104 bytes or more, with a zero at the end. */
const MAX_PATH_BYTES = 103;
/** How often a claim is made while somebody else makes the same. */
const ATTEMPTS = 3;
/** How long an owner may take to say who it is, in milliseconds; that it is there is known at once. */
const INTRODUCTION_MS = 500;

/** Says to everybody on this machine that a directory is taken. */
export interface DirectoryLock {
  /** Whether it can be taken there. */
  readonly isHeld: boolean;
  /** Whether it is still this one's: somebody may have removed its socket by hand. */
  isOurs(): boolean;
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
  const { folder, handle } = await addressIn(directory);
  try {
    const lock = folder === undefined ? undefined : await listening(directory, folder, owner);
    if (lock === undefined) {
      await handle?.close();
      return NO_LOCK;
    }
    return {
      isHeld: true,
      isOurs: lock.isOurs,
      async release() {
        await lock.release();
        await handle?.close();
      },
    };
  } catch (error) {
    await handle?.close();
    throw error;
  }
}

/** Who has a directory now, as far as that can be known. */
export async function ownerOf(directory: string): Promise<DirectoryOwner> {
  const { folder, handle } = await addressIn(directory);
  const found = folder === undefined ? undefined : await lookAt(folder);
  await handle?.close();
  return found?.owner ?? UNKNOWN;
}

/** A path of the directory that is short enough, and what has to stay open for it. */
async function addressIn(directory: string): Promise<{ folder?: string; handle?: FileHandle }> {
  if (Buffer.byteLength(join(directory, newName())) <= MAX_PATH_BYTES) return { folder: directory };
  if (process.platform !== "linux") return {};
  const handle = await open(directory, "r");
  return { folder: `/proc/self/fd/${handle.fd}`, handle };
}

/** A name that no other socket has. */
function newName(): string {
  return `s2.${randomBytes(6).toString("hex")}`;
}

/** Listens under a name of its own, and makes that its claim: so there is no claim on which nobody listens yet. */
async function listening(
  directory: string,
  folder: string,
  owner: DirectoryOwner,
): Promise<Omit<DirectoryLock, "isHeld"> | undefined> {
  const own = join(folder, newName());
  const server = await listen(own, owner).catch(() => undefined);
  if (server === undefined) return undefined;
  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  const self = inodeOf(own);
  try {
    const path = await claim(directory, folder, own);
    if (path !== undefined) {
      // Numbers of files are used again, but not that of one that is open.
      const isOurs = (): boolean => self !== undefined && inodeOf(path) === self;
      return {
        isOurs,
        async release() {
          if (isOurs()) unlink(path);
          await close();
        },
      };
    }
  } catch (error) {
    await close();
    throw error;
  } finally {
    unlink(own);
  }
  await close();
  return undefined;
}

/**
 * Gives the socket a claim's name, the number after all that are there, and then looks whether anybody else listens
 * behind one. So of two that come at the same time one fails to make the same claim, or at least one sees the other. Who
 * steps back leaves its claim, dead, and only who has the directory removes dead ones: whoever makes one under the name
 * of one that is being removed finds that one alive, and steps back.
 * @returns its path; `undefined` where there are no links. @throws DirectoryInUseError
 */
async function claim(directory: string, folder: string, own: string): Promise<string | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const before = await lookAt(folder);
    if (before.owner !== undefined) throw new DirectoryInUseError(directory, before.owner);
    const number = Math.max(0, ...before.numbers) + 1;
    const path = claimPath(folder, number);
    const fault = linkFault(own, path);
    if (fault === "EEXIST") continue;
    if (fault !== undefined) return undefined;
    const after = await lookAt(folder, number);
    if (after.owner !== undefined) throw new DirectoryInUseError(directory, after.owner);
    for (const dead of after.numbers) unlink(claimPath(folder, dead));
    return path;
  }
  throw new DirectoryInUseError(directory, UNKNOWN);
}

/** The claims on a directory, and who is behind one of them; but for one's own. */
async function lookAt(
  folder: string,
  own?: number,
): Promise<{ readonly numbers: readonly number[]; readonly owner: DirectoryOwner | undefined }> {
  const numbers = readdirSync(folder)
    .map((name) => Number(CLAIM.exec(name)?.[1] ?? 0))
    .filter((number) => number > 0 && number !== own);
  const owners = await Promise.all(numbers.map((number) => ownerBehind(claimPath(folder, number))));
  return { numbers, owner: owners.find((owner) => owner !== undefined) };
}

function claimPath(folder: string, number: number): string {
  return join(folder, `s2.${number}.sock`);
}

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

/** Why a file cannot be given another name; `undefined` when it has it now. */
function linkFault(from: string, to: string): string | undefined {
  try {
    linkSync(from, to);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "unknown";
  }
}

function unlink(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already.
  }
}

const NO_LOCK: DirectoryLock = { isHeld: false, isOurs: () => true, release: async () => undefined };
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

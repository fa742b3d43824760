import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The part of a manifest that says what a package imports and how it is imported. */
export interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly imports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The workspace as values: what is checked need not exist on disk. */
export interface Workspace {
  /** By folder in `packages/`. */
  readonly manifests: ReadonlyMap<string, Manifest>;
  /** By path with forward slashes, from `packages/` on: `core/src/index.ts`. */
  readonly files: ReadonlyMap<string, string>;
}

const isSource = (path: string): boolean => /\.[cm]?tsx?$/.test(path);

/** Reads every manifest, and every TypeScript file under `src/` and `test/`, of the folder `packages`. */
export function readWorkspace(packages: string): Workspace {
  const manifests = new Map<string, Manifest>();
  const files = new Map<string, string>();
  for (const folder of readdirSync(packages, { withFileTypes: true })) {
    if (!folder.isDirectory()) continue;
    const manifest = tryRead(join(packages, folder.name, "package.json"));
    if (manifest === undefined) continue;
    manifests.set(folder.name, JSON.parse(manifest) as Manifest);
    for (const part of ["src", "test"]) {
      for (const path of listFiles(join(packages, folder.name, part))) {
        if (!isSource(path)) continue;
        const text = tryRead(join(packages, folder.name, part, path));
        if (text !== undefined) files.set(`${folder.name}/${part}/${path}`, text);
      }
    }
  }
  return { manifests, files };
}

function listFiles(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, encoding: "utf8" }).map((path) =>
      path.replaceAll("\\", "/"),
    );
  } catch (error) {
    return orMissing(error, []);
  }
}

function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return orMissing(error, undefined);
  }
}

/** What is not there (or is a directory called `x.ts`) is nothing to check; any other failure is one. */
function orMissing<T>(error: unknown, value: T): T {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT" || code === "EISDIR") return value;
  throw error;
}

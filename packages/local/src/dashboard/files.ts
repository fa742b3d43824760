import { readdir, readFile } from "node:fs/promises";

/** A file of the page. */
export interface PageFile {
  readonly type: string;
  readonly body: Uint8Array;
}

/** The files of the page by name; `index.html` is the page itself. */
export type PageFiles = ReadonlyMap<string, PageFile>;

/** Beside this module in what is published; in the workspace, what the package of the page has built. */
const PLACES = ["./dashboard/", "../../../dashboard/dist/"] as const;
const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

/** Reads the files of the page. Resolves with `undefined` where they have not been built. */
export async function readPageFiles(): Promise<PageFiles | undefined> {
  for (const place of PLACES) {
    const directory = new URL(place, import.meta.url);
    const names = await readdir(directory).catch((): string[] => []);
    if (!names.includes("index.html")) continue;
    const files = names.flatMap((name) => {
      const type = TYPES[name.slice(name.lastIndexOf(".") + 1)];
      return type === undefined ? [] : [{ name, type }];
    });
    const read = files.map(async ({ name, type }) => {
      const file: PageFile = { type, body: await readFile(new URL(name, directory)) };
      return [name, file] as const;
    });
    return new Map(await Promise.all(read));
  }
  return undefined;
}

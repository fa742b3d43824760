// What the reference documents: every entry that a public package exports, by its source.
import { join } from "node:path";
import { publicPackages } from "../../scripts/lib/public-packages.mjs";

/** Entries for sibling packages, which assemble a client or a server; they are no part of the public surface. */
const INTERNAL = new Set([
  "client",
  "control",
  "exactly-once",
  "operations",
  "session",
  "unary-read",
  "wire",
  "calls",
]);

/** @returns {{ name: string; file: string }[]} */
export function entries() {
  return publicPackages().flatMap(({ folder, manifest }) =>
    Object.entries(manifest.exports)
      .filter(([key, target]) => typeof target === "object" && !INTERNAL.has(key.slice(2)))
      .map(([key, target]) => ({
        name: key === "." ? manifest.name : `${manifest.name}/${key.slice(2)}`,
        file: join(folder, sourceOf(target["@s2-dev/source"])),
      })),
  );
}

/** The one of Node where there are several: it has everything. */
function sourceOf(source) {
  return typeof source === "string" ? source : source.node;
}

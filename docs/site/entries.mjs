// What the reference documents: every entry that a public package exports, by its source.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { publicPackages } from "../../scripts/lib/public-packages.mjs";

/** @returns {{ name: string; file: string }[]} */
export function entries() {
  return publicPackages().flatMap(({ folder, manifest }) =>
    Object.entries(manifest.exports)
      // Others are for sibling packages, and no part of the public surface.
      .filter(([key]) => existsSync(join(folder, "etc", `${key.slice(2) || "index"}.api.md`)))
      .map(([key, target]) => ({
        name: key === "." ? manifest.name : `${manifest.name}/${key.slice(2)}`,
        file: join(folder, sourceOf(target["@s2-dev/source"])),
      })),
  );
}

/** The one of Node where there are several: it has everything. */
function sourceOf(source) {
  return typeof source === "string" ? source : (source.node ?? source.default);
}

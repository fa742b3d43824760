// What a release would do, without doing it: versions and changelogs by the changesets, and what would be in each tarball.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { publicPackages } from "./lib/public-packages.mjs";
import { turbo } from "./lib/turbo.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "release-"));
try {
  showVersions();
  showTarballs();
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** Lets changesets do its work on a copy of the manifests. */
function showVersions() {
  const copy = join(work, "repository");
  const isCopied = (path) => !/(^|\/)(node_modules|dist|src|test|\.git|\.turbo)$/.test(path);
  cpSync(root, copy, { recursive: true, filter: (path) => path === root || isCopied(path) });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  run("git", ["init", "--quiet"], copy);
  run(process.execPath, [join(root, "node_modules/@changesets/cli/bin.js"), "version"], copy);
  for (const { folder, manifest } of publicPackages()) {
    const versioned = join(copy, folder.slice(root.length));
    const next = JSON.parse(readFileSync(join(versioned, "package.json"), "utf8"));
    const changelog = readFileSync(join(versioned, "CHANGELOG.md"), "utf8");
    console.log(`${manifest.name}: ${manifest.version} -> ${next.version}\n`);
    console.log(entryOf(changelog, next.version).replaceAll(/^(?=.)/gm, "    "));
  }
}

/** What the changelog says of a version. */
function entryOf(changelog, version) {
  const [, entry = ""] = changelog.split(`\n## ${version}\n`);
  return entry.split(/^## /m)[0].trim().concat("\n");
}

function showTarballs() {
  const built = turbo(["run", "build", "--filter=./packages/*", "--output-logs=errors-only"], {
    stdio: "inherit",
  });
  if (built.status !== 0) throw new Error("the build failed");
  for (const { folder, manifest } of publicPackages()) {
    const destination = mkdtempSync(join(work, "tarball-"));
    run("npx", ["-y", "pnpm@12", "pack", "--pack-destination", destination], folder);
    const [tarball] = readdirSync(destination);
    const [{ entryCount, size }] = JSON.parse(
      run("npm", ["pack", "--dry-run", "--json", "--offline", join(destination, tarball)], destination),
    );
    console.log(`${manifest.name}: ${entryCount} files, ${(size / 1000).toFixed(0)} kB packed`);
  }
}

function run(program, args, cwd) {
  const options = {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    shell: process.platform === "win32",
  };
  return execFileSync(program, args, options);
}

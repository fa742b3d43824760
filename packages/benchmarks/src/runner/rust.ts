import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CRATE = fileURLToPath(new URL("../rust/", import.meta.url));
/** Outside what git knows; a first build takes minutes, a later one looks and does nothing. */
const TARGET = fileURLToPath(new URL("../.cache/rust/", import.meta.url));

/** Builds the client on the Rust SDK if need be and gives its path; undefined, with a note, where that cannot be. */
export function rustClient(): string | undefined {
  const cargo = ["cargo", join(homedir(), ".cargo", "bin", "cargo")].find(
    (command) => spawnSync(command, ["--version"]).status === 0,
  );
  if (cargo === undefined) {
    console.error("no cargo: the Rust SDK is left out");
    return undefined;
  }
  const args = ["build", "--release", "--quiet", "--manifest-path", join(CRATE, "Cargo.toml")];
  const built = spawnSync("nice", [cargo, ...args], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, CARGO_TARGET_DIR: TARGET },
  });
  const binary = join(TARGET, "release", "s2-benchmark-client");
  if (built.status === 0 && existsSync(binary)) return binary;
  console.error("the Rust client could not be built: it is left out");
  return undefined;
}

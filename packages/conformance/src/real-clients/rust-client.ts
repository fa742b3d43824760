import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CRATE = fileURLToPath(new URL("../../rust/", import.meta.url));
/** A first build takes minutes, a later one of any checkout looks and does nothing: so it is kept outside of them. */
const TARGET = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"),
  "s2-streamstore-conformance",
  "rust",
);
const BUILD_TIMEOUT_MS = 15 * 60_000;

/** The program on the Rust SDK, built if need be; or why there is none. */
export function rustClient(): { readonly binary: string } | { readonly missing: string } {
  if (process.env.S2_RUST_CLIENT === "off") return { missing: "S2_RUST_CLIENT=off" };
  const cargo = ["cargo", join(homedir(), ".cargo", "bin", "cargo")].find(
    (command) => spawnSync(command, ["--version"]).status === 0,
  );
  if (cargo === undefined) return { missing: "there is no cargo" };
  mkdirSync(TARGET, { recursive: true });
  const built = spawnSync(cargo, ["build", "--quiet", "--manifest-path", join(CRATE, "Cargo.toml")], {
    env: { ...process.env, CARGO_TARGET_DIR: TARGET },
    encoding: "utf8",
    timeout: BUILD_TIMEOUT_MS,
  });
  const binary = join(
    TARGET,
    "debug",
    process.platform === "win32" ? "s2-real-client.exe" : "s2-real-client",
  );
  if (built.status === 0 && existsSync(binary)) return { binary };
  return { missing: `the Rust SDK could not be built: ${(built.stderr ?? "").slice(-1000)}` };
}

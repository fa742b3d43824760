import { execFileSync } from "node:child_process";

/** Where Chromium is; `undefined` when there is none. */
export function chromiumPath(): string | undefined {
  for (const name of [process.env.CHROMIUM_BIN ?? "", "chromium", "chromium-browser", "google-chrome"]) {
    if (name === "") continue;
    try {
      return execFileSync("which", [name], { encoding: "utf8" }).trim();
    } catch {
      // The next one.
    }
  }
  return undefined;
}

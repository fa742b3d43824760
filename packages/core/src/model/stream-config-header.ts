import { checkStreamConfig } from "./config-checks.js";

/**
 * The value of `s2-stream-config`: the configuration as JSON, in ASCII, which is all that a header can carry.
 * Throws `INVALID_ARGUMENT`.
 */
export function streamConfigHeader(config: unknown): string {
  checkStreamConfig(config, "streamConfig");
  return JSON.stringify(config).replace(
    /[^ -~]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

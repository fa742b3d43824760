import { randomBytes } from "node:crypto";

/** A basin name that nothing else uses: 20 characters of those that basins may have. */
export function freshBasinName(): string {
  return `conform-${randomBytes(6).toString("hex")}`;
}

/** A stream name that nothing else uses. */
export function freshStreamName(): string {
  return `stream-${randomBytes(4).toString("hex")}`;
}

import type { Pair, RawWire, SdkWire } from "./targets.js";
import type { ServerName } from "./servers/server.js";

/**
 * A behaviour that some pairs cannot show. It runs all the same and must fail there; when it starts to pass, the
 * suite fails until the entry is removed.
 */
export interface KnownDifference {
  readonly topic: string;
  /** The behaviour's sentence. */
  readonly says: string;
  /** The pairs concerned: all that match what is given. */
  readonly on: { readonly server?: ServerName; readonly wire?: SdkWire | RawWire };
  readonly reason: string;
}

export const knownDifferences: readonly KnownDifference[] = [];

/** Why this pair cannot show the behaviour, if so. */
export function knownDifference(topic: string, says: string, pair: Pair): string | undefined {
  return knownDifferences.find(
    (entry) =>
      entry.topic === topic &&
      entry.says === says &&
      (entry.on.server ?? pair.server) === pair.server &&
      (entry.on.wire ?? pair.wire) === pair.wire,
  )?.reason;
}

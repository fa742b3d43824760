import type { ServerName } from "./servers/server.js";
import type { Pair, RawWire, SdkWire } from "./targets.js";

/**
 * A behaviour that some pairs cannot show. Unless it `varies`, it runs all the same and must fail there; when it starts
 * to pass, the suite fails until the entry is removed.
 */
export interface KnownDifference {
  readonly topic: string;
  /** The behaviour's sentence. */
  readonly says: string;
  /** The pairs concerned: all that match what is given. */
  readonly on: { readonly server?: ServerName; readonly wire?: SdkWire | RawWire };
  /** Whether this runtime has the difference; default true. */
  readonly applies?: boolean;
  /** Whether the pair shows it at times, so that neither can be demanded: it is skipped there. Default false. */
  readonly varies?: boolean;
  readonly reason: string;
}

// Looked for, since behaviours also run where there is no Node.
const zlib = globalThis.process?.getBuiltinModule?.("node:zlib");
const withoutZstd = zlib === undefined || !("zstdCompressSync" in zlib);

const noZstd = {
  on: { server: "local" },
  applies: withoutZstd,
  reason: "Node has zstd from 22.15 on.",
} as const;

/** Behaviours of the hosted service that the open-source server does not have. */
const hosted = [
  "issues access tokens, lists them without their secrets, and revokes them",
  "lists access tokens page by page",
  "refuses scopes that allow nothing, and names that are taken",
  "lists locations, and says which is the default",
  "puts a basin where it was asked to be",
  "tells what a stream and its basin hold",
  "tells what was appended to a basin and read from it",
  "tells which basins are active, and what was asked of the account",
  "refuses ranges of metrics that make no sense",
].map(
  (says): KnownDifference => ({
    topic: "account",
    says,
    on: { server: "s2-lite" },
    reason: "It answers 501 for access tokens, metrics and locations.",
  }),
);

export const knownDifferences: readonly KnownDifference[] = [
  ...hosted,
  {
    topic: "basins",
    says: "has no access tokens, metrics and locations",
    on: { server: "local" },
    reason: "It has them.",
  },
  {
    topic: "basins",
    says: "takes a location, and leaves it at that",
    on: { server: "local" },
    reason: "It keeps it.",
  },
  {
    topic: "expiring",
    says: "gives no record whose retention is over",
    on: { server: "s2-lite" },
    varies: true,
    reason: "It gives expired records until its storage compacts them, which is at any time.",
  },
  {
    topic: "http-encodings",
    says: "knows encodings by their names in lower case only",
    on: { server: "local" },
    reason: "It compares them without regard to case, as HTTP has it.",
  },
  {
    topic: "http",
    says: "hides every header from scripts of other origins",
    on: { server: "local" },
    reason: "It exposes the outcome of a provisioning, so that code in browsers can be tested for it.",
  },
  {
    topic: "auto-creating",
    says: "lets first requests at the same time conflict, but for one",
    on: { server: "local" },
    reason: "It creates streams one after the other, so nobody meets a conflict.",
  },
  { topic: "http-encodings", says: "takes bodies that are compressed with zstd", ...noZstd },
  { topic: "http-encodings", says: "names zstd first among its encodings", ...noZstd },
  { topic: "http-encodings", says: "prefers zstd", ...noZstd },
  { topic: "session-compressing", says: "takes inputs compressed with zstd", ...noZstd },
  { topic: "session-compressing", says: "compresses with zstd wherever the client lists it", ...noZstd },
];

/** What keeps this pair from showing the behaviour, if anything does. */
export function knownDifference(topic: string, says: string, pair: Pair): KnownDifference | undefined {
  return knownDifferences.find(
    (entry) =>
      entry.topic === topic &&
      entry.says === says &&
      entry.applies !== false &&
      (entry.on.server ?? pair.server) === pair.server &&
      (entry.on.wire ?? pair.wire) === pair.wire,
  );
}

/** Runs a behaviour that a pair cannot show; fails when it does. */
export async function mustStillFail(run: () => Promise<void>, reason: string): Promise<void> {
  try {
    await run();
  } catch {
    return;
  }
  throw new Error(
    `This pair shows it now: remove it from the known differences, where the reason was: ${reason}`,
  );
}

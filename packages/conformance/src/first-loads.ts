/** A program of a page, as a bundler gets it, and how much of it a page may load at first. */
export interface PageProgram {
  readonly name: string;
  /** Its entry. */
  readonly main: string;
  /** What the entry loads by `import("./route.js")`. */
  readonly route?: string;
  /** Bytes, each file of the first load compressed by itself. Lowered, never raised. */
  readonly mostAtFirst: number;
  /** Tried with other bundlers than esbuild, too, against the budget. */
  readonly isEverywhere?: boolean;
}

/** What a page that makes calls may load at first, in bytes. */
export const BUDGET = 15_000;

/** A program that uses these names of the main entry from its start. */
const uses = (names: string, mostAtFirst: number): PageProgram => ({
  name: `the client with ${names}`,
  main: `export { S2, ${names} } from "@s2-dev/streamstore";`,
  mostAtFirst,
});

/** A program that uses all of another entry from its start. */
const usesEntry = (entry: string, mostAtFirst: number): PageProgram => ({
  name: `the client with all of ${entry}`,
  main: `export { S2 } from "@s2-dev/streamstore"; export * from "@s2-dev/${entry}";`,
  mostAtFirst,
});

/** A program that makes a client at its start, and loads this route later. */
const loads = (what: string, imports: string): PageProgram => ({
  name: `the client, and a route with ${what}`,
  main: `
    import { S2 } from "@s2-dev/streamstore";
    export const s2 = new S2({ accessToken: "token" });
    document.onclick = async () => (await import("./route.js")).run();`,
  route: `import ${imports} export const run = () => all;`,
  mostAtFirst: BUDGET,
});

const loadsNames = (names: string): PageProgram =>
  loads(names, `{ ${names} } from "@s2-dev/streamstore"; const all = [${names}];`);

const loadsEntry = (entry: string): PageProgram =>
  loads(`all of ${entry}`, `* as all from "@s2-dev/${entry}";`);

const everywhere = (program: PageProgram): PageProgram => ({ ...program, isEverywhere: true });

/**
 * What programs import beside the client, in their first load and in routes of their own. Those whose first load needs
 * more than calls do have limits of their own.
 */
export const PAGE_PROGRAMS: readonly PageProgram[] = [
  everywhere({
    name: "the client",
    main: `export { S2 } from "@s2-dev/streamstore";`,
    mostAtFirst: 12_600,
  }),
  uses("S2Error, isS2Error, RangeNotSatisfiableError", BUDGET),
  uses("FencingTokenMismatchError, SeqNumMismatchError, AppendOutcomeUnknownError", BUDGET),
  uses("AppendRecord", BUDGET),
  uses("AppendRecord, meteredBytes, maxBodyBytes, MAX_APPEND_BYTES", BUDGET),
  uses("utf8ByteLength", BUDGET),
  uses("commandOf", BUDGET),
  uses("CaughtUpTracker", BUDGET),
  uses("paginate", BUDGET),
  uses("EncryptionKey, randomToken, S2Environment", BUDGET),
  uses("S2Stream, S2Basin, S2Basins", BUDGET),
  everywhere(
    uses(
      "S2Error, AppendRecord, FencingTokenMismatchError, SeqNumMismatchError, RangeNotSatisfiableError, isCommandRecord",
      BUDGET,
    ),
  ),
  usesEntry("streamstore-patterns/cursor", BUDGET),
  usesEntry("streamstore-patterns/tokens", BUDGET),
  usesEntry("streamstore-patterns/reading", 18_500),
  usesEntry("streamstore-patterns/lease", 19_200),
  usesEntry("streamstore-patterns/serialization", 19_800),
  usesEntry("streamstore-patterns/writing", 20_800),
  usesEntry("streamstore-patterns/ai", 33_400),
  uses("BatchTransform", 20_100),
  uses("Producer", 21_500),
  uses("createObserver, logEvents", 26_400),
  usesEntry("streamstore/follower", 24_000),
  everywhere(loadsNames("Producer, BatchTransform, AppendRecord")),
  loadsNames("FencingTokenMismatchError, SeqNumMismatchError, AppendOutcomeUnknownError"),
  loadsNames("commandOf, CaughtUpTracker, paginate"),
  loadsNames("EncryptionKey, randomToken"),
  everywhere(loadsNames("createObserver, logEvents")),
  loadsEntry("streamstore/follower"),
  everywhere(loadsEntry("streamstore-patterns")),
  loadsEntry("streamstore-patterns/ai"),
  loadsEntry("streamstore-patterns/lease"),
  loadsEntry("streamstore-patterns/typed"),
];

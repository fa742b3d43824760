import { U64_MAX } from "../storage/u64.js";
import type { ServiceContext } from "./context.js";
import type { StreamRow } from "./rows.js";

const PAGE = 1000;

/** What is found in a storage that was used before. */
export interface Findings {
  deletedBasin(name: string): void;
  /** Of a stream: its row, and the metered bytes that it holds. */
  stream(basin: string, name: string, row: StreamRow, storedBytes: number): void;
  /** A stream whose deletion was begun, and not completed. */
  deletedStream(basin: string, name: string, row: StreamRow): Promise<void>;
  /** Whether to look no further. */
  readonly stopped: boolean;
}

/** Goes through all basins and streams, and lets others have their turn after every page. */
export async function recover({ storage }: ServiceContext, findings: Findings): Promise<void> {
  for (let startAfter = "", more = true; more && !findings.stopped; ) {
    const page = await storage.basins.list({ prefix: "", startAfter, limit: PAGE });
    more = page.hasMore;
    for (const [name, row] of page.rows) {
      startAfter = name;
      if (row.deletedAt !== null) findings.deletedBasin(name);
      await recoverStreams(storage, name, findings);
    }
  }
}

async function recoverStreams(
  storage: ServiceContext["storage"],
  basin: string,
  findings: Findings,
): Promise<void> {
  for (let startAfter = "", more = true; more && !findings.stopped; ) {
    const page = await storage.streams(basin).list({ prefix: "", startAfter, limit: PAGE });
    more = page.hasMore;
    for (const [name, row] of page.rows) {
      startAfter = name;
      const summary = await storage.inspectLog(row.logId);
      // The trim that ends a stream comes before its row says so.
      const isDeleted = row.deletedAt !== null || summary?.state.trimPoint === U64_MAX;
      if (isDeleted) await findings.deletedStream(basin, name, row);
      else findings.stream(basin, name, row, summary?.storedBytes ?? 0);
    }
    if (more) await new Promise((resolve) => setImmediate(resolve));
  }
}

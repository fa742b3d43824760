import type { Storage } from "../storage/storage.js";
import type { Admission } from "./admission.js";
import type { ServiceClock } from "./clock.js";
import { basinDeletionPending, basinNotFound } from "./errors.js";
import type { KeyedLock } from "./keyed-lock.js";
import type { LiveStreams } from "./live-streams.js";
import type { Usage } from "./metrics/usage.js";
import type { BasinRow, StreamRow } from "./rows.js";

/** What the parts of the service share. */
export interface ServiceContext {
  readonly storage: Storage<BasinRow, StreamRow>;
  readonly clock: ServiceClock;
  /** From 0 to 1, 1 excluded. */
  readonly random: () => number;
  /** Guards changes of a basin and, shared, of the streams in it. */
  readonly basinLock: KeyedLock;
  readonly streamLock: KeyedLock;
  readonly live: LiveStreams;
  readonly admission: Admission;
  readonly usage: Usage;
}

/** @throws ServiceError 404. */
export async function requireBasin(context: ServiceContext, basin: string): Promise<BasinRow> {
  const row = await context.storage.basins.get(basin);
  if (row === undefined) throw basinNotFound(basin);
  return row;
}

/** @throws ServiceError 404, or 409 while it is being deleted. */
export async function requireActiveBasin(context: ServiceContext, basin: string): Promise<BasinRow> {
  const row = await requireBasin(context, basin);
  if (row.deletedAt !== null) throw basinDeletionPending(basin);
  return row;
}

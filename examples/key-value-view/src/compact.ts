import { AppendRecord, type S2Stream } from "@s2-dev/streamstore";
import { acquireLease } from "@s2-dev/streamstore-patterns/lease";
import type { Snapshots } from "./snapshots.js";
import { KeyValueView } from "./view.js";

/**
 * Stores a snapshot of everything up to now, then trims what it covers. Under a lease, since of two at a time the slower
 * one could put an older snapshot in place of a newer one whose records are trimmed.
 */
export async function compact(stream: S2Stream, snapshots: Snapshots, owner: string): Promise<number> {
  await using lease = await acquireLease(stream, { owner });
  const view = await KeyValueView.open(stream, snapshots);
  const covered = await view.snapshot();
  // A snapshot that took longer than the lease is worth nothing: then this append is refused.
  if (covered !== undefined) await lease.append(AppendRecord.trim(covered.seq_num));
  return covered?.seq_num ?? 0;
}

import { AppendRecord, type S2Stream } from "@s2-dev/streamstore";
import { acquireLease } from "@s2-dev/streamstore-patterns/lease";
import type { Snapshots } from "./snapshots.js";
import { KeyValueView } from "./view.js";

/**
 * Stores a snapshot of everything up to now, then trims what it covers. Under a lease, so that two at a time do not both do
 * it; what keeps views right is that an older snapshot never takes the place of a newer one, whose records are trimmed.
 */
export async function compact(stream: S2Stream, snapshots: Snapshots, owner: string): Promise<number> {
  await using lease = await acquireLease(stream, { owner });
  const view = await KeyValueView.open(stream, snapshots);
  const covered = await view.snapshot();
  // If the snapshot took longer than the lease, somebody else may have stored a newer one: then this append is refused.
  if (covered !== undefined) await lease.append(AppendRecord.trim(covered.seq_num));
  return covered?.seq_num ?? 0;
}

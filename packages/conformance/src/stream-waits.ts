import { AppendRecord, type ReadSession, type S2Stream } from "@s2-dev/streamstore";
import { eventually } from "./waiting.js";

/** The session has been told that the tail is here. */
export async function observedTail(session: ReadSession<"string">, seqNum: number): Promise<void> {
  await eventually(`the session knows of the tail ${seqNum}`, async () =>
    session.lastObservedTail()?.seq_num === seqNum ? true : undefined,
  );
}

/** Trims and waits until the trim is done. The command itself is record `point` or later. */
export async function trimTo(stream: S2Stream, point: number): Promise<void> {
  await stream.append(AppendRecord.trim(point));
  await eventually(`nothing is left before ${point}`, async () => {
    const { records } = await stream.read({ seq_num: 0, count: 1 });
    return records.length === 0 || (records[0]?.seq_num ?? 0) >= point ? true : undefined;
  });
}

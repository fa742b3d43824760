import { AppendRecord, type ReadSession, type S2Stream } from "@s2-dev/streamstore";
import { eventually, ROUND_DEADLINE } from "./waiting.js";

/** The session has been told that the tail is here. */
export async function observedTail(session: ReadSession<"string">, seqNum: number): Promise<void> {
  await eventually(`the session knows of the tail ${seqNum}`, async () =>
    session.lastObservedTail()?.seq_num === seqNum ? true : undefined,
  );
}

/** Trims and waits until the trim is done. The command itself is record `point` or later. */
export async function trimTo(stream: S2Stream, point: number): Promise<void> {
  await stream.append(AppendRecord.trim(point));
  await trimmed(stream, `nothing is left before ${point}`, (first) => first === undefined || first >= point);
}

/** The first record left is this one, once a trim has been done. */
export async function firstRecord(stream: S2Stream, expected: number): Promise<void> {
  await trimmed(stream, `record ${expected} is the first`, (first) => first === expected);
}

/** No record is left, once a trim has been done. */
export async function nothingLeft(stream: S2Stream): Promise<void> {
  await trimmed(stream, "all is trimmed", (first) => first === undefined);
}

async function trimmed(
  stream: S2Stream,
  what: string,
  holds: (first: number | undefined) => boolean,
): Promise<void> {
  await eventually(
    what,
    async () => {
      const { records } = await stream.read({ seq_num: 0, count: 1 });
      return holds(records[0]?.seq_num) ? true : undefined;
    },
    ROUND_DEADLINE,
  );
}

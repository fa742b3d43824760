import { describe, expect, it } from "vitest";
import { isCommandRecord } from "../../model/command.js";
import type { ReadRecord } from "../../model/record.js";
import { flushMicrotasks, readRecords } from "../../testing/index.js";
import { openedRig, rangeOf } from "./read.fixture.js";

/** Records with these sequence numbers as commands. */
function records(first: number, count: number, commands: readonly number[]): ReadRecord[] {
  return readRecords(first, count).map((record) =>
    commands.includes(record.seq_num)
      ? ({ ...record, headers: { "": "fence" }, headerList: [["", "fence"]] } as ReadRecord)
      : record,
  );
}

const filtering = { skips: isCommandRecord };

describe("a session that skips command records", () => {
  it("hands over the others, by record and by batch", async () => {
    const byRecord = await openedRig({ seq_num: 0 }, filtering);
    byRecord.link.batch(records(0, 4, [0, 2]));
    byRecord.link.batch(records(4, 2, [4, 5]));
    byRecord.link.batch(records(6, 1, []));
    byRecord.link.end();
    const seen: number[] = [];
    for await (const { seq_num } of byRecord.session) seen.push(seq_num);
    expect(seen).toEqual([1, 3, 6]);

    const byBatch = await openedRig({ seq_num: 0 }, filtering);
    byBatch.link.batch(records(0, 3, [1]));
    byBatch.link.batch(records(3, 2, [3, 4]));
    byBatch.link.batch(records(5, 1, []));
    byBatch.link.end();
    const batches: number[][] = [];
    for await (const batch of byBatch.session.batches())
      batches.push(batch.records.map(({ seq_num }) => seq_num));
    expect(batches).toEqual([[0, 2], [5]]);
  });

  it("counts them in its position, once all before them was handed over", async () => {
    const rig = await openedRig({ seq_num: 0 }, filtering);
    const iterator = rig.session[Symbol.asyncIterator]();
    rig.link.batch(records(0, 4, [1, 2, 3]));
    await iterator.next();
    expect(rig.session.nextReadPosition()?.seq_num).toBe(4);
    void iterator.next();
    rig.link.batch(records(4, 2, [4, 5]));
    await flushMicrotasks();
    expect(rig.session.nextReadPosition()?.seq_num).toBe(6);
    expect(rangeOf(await rig.reopen()).seq_num).toBe(6);
  });

  it("counts them in its limits", async () => {
    const rig = await openedRig({ seq_num: 0, count: 5 }, filtering);
    const iterator = rig.session[Symbol.asyncIterator]();
    rig.link.batch(records(0, 3, [1, 2]));
    await iterator.next();
    void iterator.next();
    expect(rangeOf(await rig.reopen())).toMatchObject({ seq_num: 3, count: 2 });
    rig.transport.read().batch(records(3, 2, [3, 4]));
    rig.transport.read().end();
    await flushMicrotasks();
    expect((await iterator.next()).done).toBe(true);
  });

  it("catches up although the last records before the tail are commands", async () => {
    const { link, session } = await openedRig({ seq_num: 0 }, filtering);
    const iterator = session[Symbol.asyncIterator]();
    link.batch(records(0, 2, [1]), { tail: { seq_num: 2, timestamp: 5 } });
    await iterator.next();
    expect(session.isCaughtUp()).toBe(true);
    void iterator.next();
    link.batch(records(2, 1, [2]), { tail: { seq_num: 3, timestamp: 6 } });
    expect(await session.caughtUp()).toEqual({ seq_num: 2, timestamp: 5 });
    await flushMicrotasks();
    expect(await session.caughtUp()).toEqual({ seq_num: 3, timestamp: 6 });
  });
});

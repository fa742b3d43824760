import fc from "fast-check";
import { expect, test } from "vitest";
import { RecordWindow } from "./record-window.js";

interface Row {
  readonly seq_num: number;
  readonly body: Uint8Array;
}

const records = (from: number, count: number, size = 0): Row[] =>
  Array.from({ length: count }, (_, index) => ({ seq_num: from + index, body: new Uint8Array(size) }));
const held = (window: RecordWindow<Row>): number[] =>
  Array.from({ length: window.length }, (_, index) => window.at(index)?.seq_num ?? -1);

const wide = { records: 10, bytes: 1e9 };

test("holds the newest records when it is cut, and each keeps its ordinal", () => {
  const window = new RecordWindow<Row>(wide);
  window.push(records(100, 25), true);
  expect(held(window)).toEqual(records(115, 10).map((record) => record.seq_num));
  expect(window.firstOrdinal).toBe(15);
});

test("keeps everything while somebody looks at an earlier place, until it is cut", () => {
  const window = new RecordWindow<Row>(wide);
  window.push(records(0, 25), false);
  expect([window.length, window.isFull, window.firstOrdinal]).toEqual([25, true, 0]);
  window.cut();
  expect([window.length, window.first?.seq_num, window.last?.seq_num]).toEqual([10, 15, 24]);
});

test("is bounded by bytes too, and never lets go of its last record", () => {
  const window = new RecordWindow<Row>({ records: 1000, bytes: 1000 });
  window.push(records(0, 5, 300), true);
  expect(held(window)).toEqual([3, 4]);
  window.push(records(5, 1, 5000), true);
  expect(held(window)).toEqual([5]);
});

test("takes earlier records before the first", () => {
  const window = new RecordWindow<Row>(wide);
  window.push(records(10, 3), true);
  window.prepend(records(7, 3));
  expect(held(window)).toEqual([7, 8, 9, 10, 11, 12]);
  expect(window.firstOrdinal).toBe(-3);
});

test("lets go of its end when earlier records are more than twice what it should hold", () => {
  const window = new RecordWindow<Row>(wide);
  window.push(records(100, 10), true);
  expect(window.prepend(records(92, 8))).toBe(false);
  expect(window.prepend(records(85, 7))).toBe(true);
  expect(held(window)).toEqual(records(85, 20).map((record) => record.seq_num));
  expect(window.firstOrdinal).toBe(-15);
  // What was asked for stays.
  expect(window.prepend(records(50, 30))).toBe(true);
  expect(held(window)).toEqual(records(50, 30).map((record) => record.seq_num));
});

test("finds a place by sequence number, also between those it holds", () => {
  const window = new RecordWindow<Row>(wide);
  window.push([...records(5, 2), ...records(20, 2)], true);
  expect([0, 5, 6, 7, 20, 21, 22].map((seqNum) => window.indexOfSeq(seqNum))).toEqual([0, 0, 1, 2, 2, 3, 4]);
});

test("agrees with a plain list, whatever is done to it", () => {
  const action = fc.oneof(
    fc.record({ push: fc.nat({ max: 9000 }), cut: fc.boolean() }),
    fc.record({ prepend: fc.nat({ max: 9000 }) }),
    fc.constant({ cut: true }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 12 }), (actions) => {
      const limits = { records: 5000, bytes: 1e9 };
      const window = new RecordWindow<Row>(limits);
      let model: number[] = [];
      let [first, next] = [1_000_000, 1_000_000];
      for (const done of actions) {
        if ("push" in done) {
          window.push(records(next, done.push), done.cut);
          model.push(...records(next, done.push).map((record) => record.seq_num));
          next += done.push;
          if (done.cut) model = model.slice(-limits.records);
        } else if ("prepend" in done) {
          first = (model[0] ?? first) - done.prepend;
          window.prepend(records(first, done.prepend));
          model.unshift(...records(first, done.prepend).map((record) => record.seq_num));
          model = model.slice(0, Math.max(2 * limits.records, done.prepend));
          next = (model.at(-1) ?? next - 1) + 1;
        } else {
          window.cut();
          model = model.slice(-limits.records);
        }
      }
      expect(held(window)).toEqual(model);
    }),
    { numRuns: 50 },
  );
});

test("an emptied window goes on counting", () => {
  const window = new RecordWindow<Row>(wide);
  window.push(records(0, 5), true);
  window.clear();
  window.push(records(50, 2), true);
  expect([window.firstOrdinal, window.length]).toEqual([5, 2]);
});

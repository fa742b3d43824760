import { describe, expect, it } from "vitest";
import { encodeAppendBatch } from "../../codec/append-input.js";
import type { S2Error } from "../../error/s2-error.js";
import { Admission, resolveAdmissionSettings } from "./admission.js";
import { appendRig } from "./append.fixture.js";
import { PendingBatch } from "./pending.js";

const MIB = 1024 * 1024;
const body = new Uint8Array(400_000);
const pendingBatch = (bytes = 0): PendingBatch =>
  new PendingBatch(encodeAppendBatch([{ body: body.subarray(0, bytes) }]));

const gate = (options: Parameters<typeof resolveAdmissionSettings>[0] = {}) => {
  const admitted: PendingBatch[] = [];
  const admission = new Admission(resolveAdmissionSettings(options), (pending) => admitted.push(pending));
  const refused: S2Error[] = [];
  const told: PendingBatch[] = [];
  return {
    admission,
    admitted,
    refused,
    told,
    wait(pending: PendingBatch): void {
      admission.enterWhenRoom(
        pending,
        () => told.push(pending),
        (error) => refused.push(error),
      );
    },
    enter(pending: PendingBatch): void {
      admission.enter(pending, (error) => refused.push(error));
    },
    release: (pending: PendingBatch) => admission.release(pending.charge, 1),
  };
};

describe("admission", () => {
  it("lets batches in up to the number allowed, in the order they came", () => {
    const { admission, admitted, told, wait, release } = gate({ maxInflightBatches: 2 });
    const batches = [1, 2, 3, 4].map(() => pendingBatch());
    for (const batch of batches) wait(batch);
    expect(admitted).toEqual(batches.slice(0, 2));
    release(batches[0] as PendingBatch);
    expect(told).toEqual(batches.slice(0, 3));
    expect(admission.waiting).toBe(1);
  });

  it("lets batches in up to the bytes allowed", () => {
    const { admitted, wait, release } = gate({ maxInflightBytes: MIB });
    const batches = [1, 2, 3].map(() => pendingBatch(400_000));
    for (const batch of batches) wait(batch);
    expect(admitted).toHaveLength(2);
    release(batches[0] as PendingBatch);
    expect(admitted).toHaveLength(3);
  });

  it("charges a fixed amount besides the metered bytes, so that tiny batches are bounded too [H-3]", () => {
    const { admitted, wait } = gate({ maxInflightBytes: MIB });
    for (let count = 0; count < 5000; count += 1) wait(pendingBatch());
    expect(admitted.length).toBeLessThan(2100);
  });

  it("lets a batch in that alone is more than allowed when nothing else is in flight [D1-9]", () => {
    const { admitted, wait, release } = gate({ maxInflightBytes: MIB });
    const whole = new PendingBatch({ frame: body, recordCount: 1, meteredBytes: MIB, conditional: false });
    wait(pendingBatch());
    wait(whole);
    expect(admitted).toHaveLength(1);
    release(admitted[0] as PendingBatch);
    expect(admitted).toHaveLength(2);
  });

  it("never lets a small batch overtake a large one that waits", () => {
    const { admitted, wait, release } = gate({ maxInflightBytes: MIB });
    const [first, large, small] = [pendingBatch(400_000), pendingBatch(400_000), pendingBatch()];
    const second = pendingBatch(400_000);
    for (const batch of [first, second, large, small]) wait(batch);
    expect(admitted).toEqual([first, second]);
    release(first);
    expect(admitted).toEqual([first, second, large, small]);
  });

  it("keeps a batch that does not wait for room behind those that do", () => {
    const { admitted, wait, enter, release } = gate({ maxInflightBatches: 1 });
    const [first, waiting, pushed] = [pendingBatch(), pendingBatch(), pendingBatch()];
    wait(first);
    wait(waiting);
    enter(pushed);
    expect(admitted).toEqual([first]);
    release(first);
    // The pushed one waits for its turn only, not for room.
    expect(admitted).toEqual([first, waiting, pushed]);
  });

  it("gives back exactly what it took [D1-13, D1-14]", () => {
    const { admission, wait, enter, release } = gate();
    const batches = [pendingBatch(10), pendingBatch(1000), pendingBatch()];
    for (const batch of batches) wait(batch);
    enter(pendingBatch(5));
    expect(admission.inflightBatches).toBe(4);
    for (const batch of batches) release(batch);
    expect(admission.inflightBatches).toBe(1);
    expect(admission.inflightBytes).toBe(5 + 8 + 2048);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 0, MIB - 1, MIB + 0.5, 2 ** 60])(
    "refuses maxInflightBytes %d [D1-9, D1-10, H-3]",
    (maxInflightBytes) => {
      expect(() => resolveAdmissionSettings({ maxInflightBytes })).toThrow(
        expect.objectContaining({ code: "INVALID_ARGUMENT", status: 400, origin: "sdk" }),
      );
    },
  );

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 0, 1.5])(
    "refuses maxInflightBatches %d [D1-10, H-3]",
    (maxInflightBatches) => {
      expect(() => resolveAdmissionSettings({ maxInflightBatches })).toThrow(
        expect.objectContaining({ code: "INVALID_ARGUMENT" }),
      );
    },
  );

  it("refuses bad options when the session is made", () => {
    expect(() => appendRig({ session: { maxInflightBytes: 5 } })).toThrow(/maxInflightBytes.*1048576.*5/s);
  });
});

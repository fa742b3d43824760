import type { FramePlace } from "@s2-dev/streamstore-core/transport";
import { describe, expect, it } from "vitest";
import { batch, createFakeSink, endOfTurn, type FakeSink, frameOf } from "../test/fake-sink.js";
import { createOutgoing, type Outgoing } from "./outgoing.js";

const KIB = 1024;

function setup(): { sink: FakeSink; outgoing: Outgoing; log: string[] } {
  const sink = createFakeSink();
  const log: string[] = [];
  const outgoing = createOutgoing(sink, undefined, {
    taken: (batches) => log.push(`taken ${batches}`),
    writable: () => log.push("writable"),
    failed: (error) => log.push(error.message),
  });
  return { sink, outgoing, log };
}

function placeIn(memory: Uint8Array, start: number, end: number): FramePlace {
  return { memory, start, end, hold() {}, release() {} };
}

describe("the way of batches to the wire", () => {
  it("writes what was sent in one turn as one chunk, in order", async () => {
    const { sink, outgoing, log } = setup();
    for (let value = 1; value <= 3; value += 1) outgoing.send(batch(frameOf(2, value)));
    expect(outgoing.started).toBe(0);
    await endOfTurn();
    expect(sink.chunks.map((chunk) => [...chunk])).toEqual([[1, 1, 2, 2, 3, 3]]);
    expect(outgoing.started).toBe(3);
    sink.accept();
    expect(log).toEqual(["taken 3"]);
  });

  it("copies nothing when frames lie side by side in memory", async () => {
    const { sink, outgoing } = setup();
    const slab = new Uint8Array(30 * KIB);
    for (let start = 0; start < slab.length; start += 10 * KIB) {
      const end = start + 10 * KIB;
      outgoing.send({ ...batch(slab.subarray(start, end)), place: placeIn(slab, start, end) });
    }
    await endOfTurn();
    expect(sink.chunks).toHaveLength(1);
    expect(sink.chunks[0]?.buffer).toBe(slab.buffer);
    expect(sink.chunks[0]?.byteLength).toBe(slab.byteLength);
  });

  it("writes large frames as they are", async () => {
    const { sink, outgoing } = setup();
    const frames = [frameOf(100 * KIB), frameOf(200 * KIB)];
    for (const frame of frames) outgoing.send(batch(frame));
    await endOfTurn();
    expect(sink.chunks).toEqual(frames);
    expect(sink.chunks[0]).toBe(frames[0]);
  });

  it("hands the wire a window at a time, so that the rest has certainly not started", async () => {
    const { sink, outgoing, log } = setup();
    for (let count = 0; count < 6; count += 1) outgoing.send(batch(frameOf(512 * KIB)));
    await endOfTurn();
    expect(outgoing.started).toBe(2);
    sink.accept();
    await endOfTurn();
    expect(outgoing.started).toBe(3);
    expect(log).toEqual(["taken 1"]);
  });

  it("asks to wait at 2 MiB, and says writable once at 1 MiB", async () => {
    const { sink, outgoing, log } = setup();
    const accepted = Array.from({ length: 4 }, () => outgoing.send(batch(frameOf(512 * KIB))));
    expect(accepted).toEqual([true, true, true, false]);
    for (let count = 0; count < 4; count += 1) {
      await endOfTurn();
      sink.accept();
    }
    expect(log).toEqual(["taken 1", "taken 2", "writable", "taken 3", "taken 4"]);
    expect(outgoing.send(batch(frameOf(1)))).toBe(true);
  });

  it("ends the request behind the last batch", async () => {
    const { sink, outgoing } = setup();
    for (let count = 0; count < 3; count += 1) outgoing.send(batch(frameOf(900 * KIB)));
    outgoing.finish();
    await endOfTurn();
    expect(sink.ended).toBe(false);
    sink.accept();
    await endOfTurn();
    expect(outgoing.started).toBe(3);
    expect(sink.ended).toBe(true);
  });

  it("lets go of a frame once the wire has accepted all of it, in shared memory or copied", async () => {
    const { sink, outgoing } = setup();
    const released: number[] = [];
    for (const [id, bytes] of [10, 20, 200 * KIB, 300].entries()) {
      const memory = frameOf(bytes);
      const place = { ...placeIn(memory, 0, bytes), release: () => released.push(id) };
      outgoing.send({ ...batch(memory), place });
    }
    await endOfTurn();
    expect(sink.chunks.map(({ byteLength }) => byteLength)).toEqual([30, 200 * KIB, 300]);
    expect(released).toEqual([]);
    sink.accept();
    expect(released).toEqual([0, 1]);
    sink.accept();
    sink.accept();
    expect(released).toEqual([0, 1, 2, 3]);
  });

  it.each(["dropped", "destroyed"])(
    "keeps holding what it wrote when it is %s, since the socket may still read it",
    async (how) => {
      const { sink, outgoing, log } = setup();
      let released = 0;
      const memory = frameOf(100);
      const place = { ...placeIn(memory, 0, 100), release: () => (released += 1) };
      outgoing.send({ ...batch(memory), place });
      await endOfTurn();
      if (how === "dropped") outgoing.drop();
      else sink.destroyed = true;
      // Node.js tells the callbacks of a destroyed stream of no error.
      sink.accept();
      expect(released).toBe(0);
      expect(log).toEqual([]);
    },
  );

  it("says and writes nothing after it was dropped", async () => {
    const { sink, outgoing, log } = setup();
    outgoing.send(batch(frameOf(2 * KIB * KIB)));
    await endOfTurn();
    outgoing.send(batch(frameOf(1)));
    outgoing.drop();
    sink.accept();
    await endOfTurn();
    expect(log).toEqual([]);
    expect(sink.chunks).toHaveLength(1);
  });
});

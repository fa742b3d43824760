import { describe, expect, it, vi } from "vitest";
import { createFakeClock, flushMicrotasks, observe } from "../../testing/index.js";
import { BatchTransform } from "./batch-transform.js";
import type { BatchOutput, BatchTransformArgs } from "./batcher.js";

const record = (body: string): { body: string } => ({ body });

function rig(args?: BatchTransformArgs) {
  const clock = createFakeClock();
  const transform = new BatchTransform(args, clock);
  const writer = transform.writable.getWriter();
  const reader = transform.readable.getReader();
  const bodies = async (): Promise<unknown[] | undefined> =>
    (await reader.read()).value?.records.map(({ body }) => body);
  return { clock, transform, writer, reader, bodies };
}

describe("a BatchTransform", () => {
  it("sends a batch when the linger has passed since its first record", async () => {
    const { clock, writer, bodies } = rig({ lingerDurationMillis: 5 });
    await writer.write(record("a"));
    await clock.advance(4);
    await writer.write(record("b"));
    const batch = observe(bodies());
    await flushMicrotasks();
    expect(batch.state).toBe("pending");
    await clock.advance(1);
    await flushMicrotasks();
    expect(batch.value).toEqual(["a", "b"]);
  });

  it("sends at the end of the turn with a linger of 0 [D1-21, H-17]", async () => {
    const { clock, writer, bodies } = rig({ lingerDurationMillis: 0 });
    await writer.write(record("a"));
    await writer.write(record("b"));
    const batch = bodies();
    await clock.advance(0);
    expect(await batch).toEqual(["a", "b"]);
  });

  it("sends a batch that is full by number, and goes on", async () => {
    const { clock, writer, bodies } = rig({ maxBatchRecords: 2 });
    for (const body of ["a", "b", "c"]) void writer.write(record(body));
    expect(await bodies()).toEqual(["a", "b"]);
    const rest = bodies();
    await flushMicrotasks();
    await clock.advance(5);
    expect(await rest).toEqual(["c"]);
  });

  it("sends a batch before the record that would not fit", async () => {
    const { clock, writer, bodies } = rig({ maxBatchBytes: 30 });
    void writer.write(record("0123456789"));
    void writer.write(record("0123456789"));
    expect(await bodies()).toEqual(["0123456789"]);
    const rest = bodies();
    await flushMicrotasks();
    await clock.advance(5);
    expect(await rest).toEqual(["0123456789"]);
  });

  it("sends what it has gathered when it is closed, without waiting for the linger [D1-87]", async () => {
    const { clock, writer, reader, bodies } = rig({ lingerDurationMillis: 60_000 });
    await writer.write(record("a"));
    const closed = writer.close();
    expect(await bodies()).toEqual(["a"]);
    await closed;
    expect((await reader.read()).done).toBe(true);
    expect(clock.pending).toHaveLength(0);
  });

  it("puts the fencing token on every batch, and lets each expect to follow the one before", async () => {
    const { writer, reader } = rig({ maxBatchRecords: 2, fencing_token: "t", match_seq_num: 0 });
    for (const body of ["a", "b", "c", "d"]) void writer.write(record(body));
    const batches: (BatchOutput | undefined)[] = [(await reader.read()).value, (await reader.read()).value];
    expect(batches.map((batch) => [batch?.fencing_token, batch?.match_seq_num])).toEqual([
      ["t", 0],
      ["t", 2],
    ]);
  });

  it("sends on request what was written before, full or not, without the linger", async () => {
    const { clock, transform, writer, bodies } = rig({ lingerDurationMillis: 60_000 });
    for (const body of ["a", "b", "c"]) void writer.write(record(body));
    const flushed = transform.flush();
    void writer.write(record("later"));
    expect(await bodies()).toEqual(["a", "b", "c"]);
    await flushed;
    await transform.flush();
    expect(await bodies()).toEqual(["later"]);
    expect(clock.pending).toHaveLength(0);
    await transform.flush();
  });

  it("waits with a flush for writes that wait for a reader", async () => {
    const { transform, writer, bodies } = rig({ maxBatchRecords: 1 });
    for (const body of ["a", "b", "c"]) void writer.write(record(body));
    const flushed = observe(transform.flush());
    await flushMicrotasks();
    expect(flushed.state).toBe("pending");
    for (const body of ["a", "b", "c"]) expect(await bodies()).toEqual([body]);
    await flushMicrotasks();
    expect(flushed.state).toBe("fulfilled");
  });

  it("rejects a flush that comes with or after a failure, with S2Errors only", async () => {
    for (const end of ["cancel", "abort"] as const) {
      const { transform, writer, reader } = rig({ maxBatchRecords: 1 });
      writer.closed.catch(() => {});
      reader.closed.catch(() => {});
      for (const body of ["a", "b", "c"]) observe(writer.write(record(body)));
      const flushed = observe(transform.flush());
      await flushMicrotasks();
      expect(flushed.state).toBe("pending");
      const reason = new Error("enough");
      const ending = observe(end === "cancel" ? reader.cancel(reason) : writer.abort(reason));
      await flushMicrotasks();
      expect(ending.state).toBe("fulfilled");
      expect(flushed.reason).toMatchObject({ code: "ABORTED", cause: reason });
      await expect(transform.flush()).rejects.toMatchObject({ code: "ABORTED", cause: reason });
    }
    const { transform, writer, reader } = rig();
    writer.closed.catch(() => {});
    reader.closed.catch(() => {});
    observe(writer.write({ body: 5 } as never));
    const flushed = observe(transform.flush());
    await flushMicrotasks();
    expect(flushed.reason).toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it("has nothing to flush once it is closed", async () => {
    const { transform, writer, bodies } = rig();
    void writer.write(record("a"));
    void writer.close();
    observe(writer.write(record("refused")));
    expect(await bodies()).toEqual(["a"]);
    await transform.flush();
  });

  it("leaves no timer behind when it is cancelled or aborted [D1-21]", async () => {
    for (const end of ["cancel", "abort"] as const) {
      const { clock, writer, reader } = rig();
      await writer.write(record("a"));
      const reason = new Error("enough");
      writer.closed.catch(() => {});
      reader.closed.catch(() => {});
      await (end === "cancel" ? reader.cancel(reason) : writer.abort(reason));
      expect(clock.pending).toHaveLength(0);
    }
  });

  it("errors both sides for a record that fits no batch, and tells its size and the limit [D1-21]", async () => {
    const { clock, writer, reader } = rig({ maxBatchBytes: 20 });
    await writer.write(record("ok"));
    reader.closed.catch(() => {});
    writer.closed.catch(() => {});
    await expect(writer.write(record("x".repeat(30)))).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      status: 400,
      message: expect.stringMatching(/38.*20/),
    });
    await expect(reader.read()).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(clock.pending).toHaveLength(0);
  });

  it.each<[string, (given: ReturnType<typeof rig>) => unknown]>([
    ["the reader has left", ({ reader }) => reader.cancel("enough")],
    ["the writer has aborted", ({ writer }) => writer.abort("enough")],
    ["the writer has closed", ({ writer }) => void writer.close()],
    ["a record was refused", ({ writer }) => writer.write(record("x".repeat(99))).catch(() => {})],
  ])("throws nothing at the process when its linger ends after %s [D1-22]", async (_, end) => {
    const given = rig({ maxBatchBytes: 50, lingerDurationMillis: 5 });
    given.writer.closed.catch(() => {});
    given.reader.closed.catch(() => {});
    await given.writer.write(record("a"));
    await end(given);
    // The fake clock rejects with whatever a timer throws.
    await given.clock.advance(10);
    expect(given.clock.pending).toEqual([]);
  });

  it("gives an error to its streams that its linger timer runs into, and not to the process [D1-22]", async () => {
    const { clock, writer, reader } = rig({ lingerDurationMillis: 5 });
    const closed = [observe(writer.closed), observe(reader.closed)];
    await writer.write(record("a"));
    const enqueue = vi.spyOn(ReadableStreamDefaultController.prototype, "enqueue").mockImplementation(() => {
      throw new Error("no room in memory");
    });
    await clock.advance(5);
    enqueue.mockRestore();
    await flushMicrotasks();
    for (const { reason } of closed) expect(reason).toMatchObject({ message: "no room in memory" });
  });

  it("holds writers back while nobody reads", async () => {
    const clock = createFakeClock();
    const transform = new BatchTransform({ maxBatchRecords: 1 }, clock);
    const writer = transform.writable.getWriter();
    const writes = Array.from({ length: 8 }, (_, index) => observe(writer.write(record(`${index}`))));
    await flushMicrotasks();
    expect(writes.filter(({ state }) => state === "fulfilled").length).toBeLessThan(3);
    const reader = transform.readable.getReader();
    for (let index = 0; index < 8; index += 1) {
      expect((await reader.read()).value?.records).toEqual([record(`${index}`)]);
    }
  });

  it("refuses a record with a condition in it, before it is among others", async () => {
    const transform = new BatchTransform();
    const writer = transform.writable.getWriter();
    const writing = writer.write({ body: "x", match_seq_num: 5 } as never);
    await expect(writing).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(/match_seq_num/),
    });
  });

  it.each<[string, BatchTransformArgs, RegExp]>([
    ["a negative linger", { lingerDurationMillis: -1 }, /lingerDurationMillis.*-1/],
    ["a linger that is no number", { lingerDurationMillis: Number.NaN }, /lingerDurationMillis.*NaN/],
    ["no records", { maxBatchRecords: 0 }, /maxBatchRecords.*1000.*0/],
    ["1001 records", { maxBatchRecords: 1001 }, /maxBatchRecords.*1000.*1001/],
    ["more than 1 MiB", { maxBatchBytes: 1_048_577 }, /maxBatchBytes.*1048576.*1048577/],
    ["a fraction of a position", { match_seq_num: 0.5 }, /match_seq_num.*0\.5/],
    ["a long fencing token", { fencing_token: "x".repeat(37) }, /fencing_token.*36/],
    [
      "a linger under the name of others",
      { lingerMillis: 50 } as never,
      /^lingerMillis is not .* lingerDurationMillis$/,
    ],
    ["a linger without its unit", { linger: 50 } as never, /^linger is not .* lingerDurationMillis$/],
    [
      "a linger in small letters",
      { lingerdurationmillis: 50 } as never,
      /it is called lingerDurationMillis$/,
    ],
  ])("refuses %s", (_, args, message) => {
    expect(() => new BatchTransform(args)).toThrow(message);
  });
});

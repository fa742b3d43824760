import { describe, expect, it } from "vitest";
import { S2Error } from "../error/s2-error.js";
import type { AppendAck } from "../model/position.js";
import { appendAck, collect, flushMicrotasks, observe } from "../testing/index.js";
import { createRecorder } from "./recorder.js";

const failure = new S2Error({ message: "over", code: "storage" });
const starts = (acks: { start: { seq_num: number } }[]): number[] => acks.map(({ start }) => start.seq_num);

describe("the stream of acks", () => {
  it("gives them in order, then ends", async () => {
    const { stream, push, end } = createRecorder<AppendAck>();
    push(appendAck(0, 1));
    push(appendAck(1, 1));
    end(undefined);
    expect(starts(await collect(stream))).toEqual([0, 1]);
  });

  it("gives a waiting reader each ack as it comes", async () => {
    const { stream, push } = createRecorder<AppendAck>();
    const reader = stream.getReader();
    const reads = [observe(reader.read()), observe(reader.read())];
    await flushMicrotasks();
    push(appendAck(0, 1));
    await flushMicrotasks();
    expect(reads.map(({ state }) => state)).toEqual(["fulfilled", "pending"]);
    push(appendAck(1, 1));
    await flushMicrotasks();
    expect(reads[1]?.value?.value?.start.seq_num).toBe(1);
  });

  it("gives what came before a failure, then the failure [D1-84]", async () => {
    const { stream, push, end } = createRecorder<AppendAck>();
    push(appendAck(0, 1));
    push(appendAck(1, 1));
    end(failure);
    const seen: number[] = [];
    const reading = (async () => {
      for await (const ack of stream) seen.push(ack.start.seq_num);
    })();
    await expect(reading).rejects.toBe(failure);
    expect(seen).toEqual([0, 1]);
  });

  it("fails a waiting reader", async () => {
    const { stream, end } = createRecorder<AppendAck>();
    const read = observe(stream.getReader().read());
    await flushMicrotasks();
    end(failure);
    await flushMicrotasks();
    expect(read.reason).toBe(failure);
  });

  it("ends a waiting reader", async () => {
    const { stream, end } = createRecorder<AppendAck>();
    const read = observe(stream.getReader().read());
    await flushMicrotasks();
    end(undefined);
    await flushMicrotasks();
    expect(read.value).toEqual({ done: true, value: undefined });
  });

  it("keeps nothing once it is cancelled", async () => {
    const { stream, push, end } = createRecorder<AppendAck>();
    push(appendAck(0, 1));
    await stream.cancel();
    push(appendAck(1, 1));
    end(failure);
    await expect(stream.getReader().read()).resolves.toEqual({ done: true, value: undefined });
  });

  it("can be piped", async () => {
    const { stream, push, end } = createRecorder<AppendAck>();
    const seen: number[] = [];
    const piping = stream.pipeTo(
      new WritableStream({
        write: (ack) => {
          seen.push(ack.start.seq_num);
        },
      }),
    );
    push(appendAck(0, 1));
    await flushMicrotasks();
    push(appendAck(1, 1));
    end(undefined);
    await piping;
    expect(seen).toEqual([0, 1]);
  });
});

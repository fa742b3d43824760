import { createFakeClock } from "@s2-dev/streamstore-core/testing";
import { describe, expect, it } from "vitest";
import { CHUNKS, createAnswerRig, dying } from "../../test/answer-rig.js";
import { chunk } from "../../test/ui-chunks.js";
import {
  type AnswerOptions,
  continueAnswer,
  findAnswer,
  startAnswer,
  stopAnswer,
  type UiChunk,
} from "./index.js";

/** Its producer has said everything, and has died before it could record the end. */
async function unended(last: UiChunk = { type: "finish" }) {
  const rig = createAnswerRig();
  const { source } = await rig.begin(CHUNKS.length - 1, dying());
  source.give(last);
  const { clock, memory, options } = rig;
  await clock.advance(50);
  expect(memory.bodies(/^c\./).at(-1)).toBe(JSON.stringify(last));
  expect(rig.ends()).toEqual([]);
  const later: AnswerOptions = { ...options, clock };
  return { ...rig, later };
}

/** Also its last chunk leaves by the linger of a clock that stands still. */
const ENDINGS = [
  [{ type: "finish" }, "finished"],
  [{ type: "abort" }, "stopped"],
  [chunk({ type: "error", errorText: "overloaded" }), "failed"],
] as const;

describe("an answer whose last chunk is there, and only the record of its end is not,", () => {
  it("is whole for its readers: nobody is told of a crash, and nobody is asked to go on", async () => {
    const { clock, follow } = await unended();
    const asked: unknown[] = [];
    const onCrash = (active: unknown): void => void asked.push(active);
    const readers = [await follow(), await follow({ onCrash })];
    const late = await follow({}, { "last-event-id": readers[0]?.ids.at(-1) as string });
    await clock.advance(20_000);
    for (const { data, finished } of readers) {
      expect(data.slice(0, -1).map((json) => JSON.parse(json).type)).toEqual(CHUNKS.map(({ type }) => type));
      expect([data.at(-1), await finished]).toEqual(["[DONE]", "ended"]);
    }
    expect(late.data).toEqual(["[DONE]"]);
    expect(asked).toEqual([]);
  });

  it.each(ENDINGS)("by %j, is ended as it says by whoever would go on with it", async (last, reason) => {
    const { clock, memory, later, ends } = await unended(last);
    await clock.advance(20_000);
    expect(await continueAnswer(memory.stream, later)).toBeUndefined();
    expect([ends(), memory.token]).toEqual([[{ answer: "a1", reason }], ""]);
    expect(await findAnswer(memory.stream)).toBeUndefined();
  });

  it.each(ENDINGS)("by %j, is ended as it says by the next answer", async (last, reason) => {
    const { clock, memory, later, ends } = await unended(last);
    await clock.advance(20_000);
    await startAnswer(memory.stream, { ...later, id: "a2" });
    expect(ends()).toEqual([{ answer: "a1", reason }]);
  });

  it.each(ENDINGS)("by %j, is ended as it says by who asks to stop it", async (last, reason) => {
    const { clock, memory, ends } = await unended(last);
    await clock.advance(20_000);
    const stopping = stopAnswer(memory.stream, { clock, clockSkewMillis: 1000 });
    await clock.advance(1000);
    expect(await stopping).toEqual({ answer: "a1", reason });
    expect([ends(), memory.token]).toEqual([[{ answer: "a1", reason }], ""]);
  });
});

it("an answer that has not said everything is still one to go on with", async () => {
  const { clock, memory, options, begin } = createAnswerRig();
  await begin(CHUNKS.length - 1, { clock: createFakeClock(clock.now()) });
  await clock.advance(20_000);
  expect(await continueAnswer(memory.stream, options)).toMatchObject({ id: "a1", text: "Once upon a time" });
});

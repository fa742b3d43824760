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
async function unended(last: readonly UiChunk[] = [FINISH]) {
  const rig = createAnswerRig();
  const { source } = await rig.begin(CHUNKS.length - 1, { ...dying(), lingerMillis: 0 });
  source.give(...last);
  const { clock, memory, options } = rig;
  await clock.advance(50);
  expect(memory.bodies(/^c\./).slice(-last.length)).toEqual(last.map((each) => JSON.stringify(each)));
  expect(rig.ends()).toEqual([]);
  const later: AnswerOptions = { ...options, clock };
  return { ...rig, later };
}

const FINISH: UiChunk = { type: "finish" };
const ABORT: UiChunk = { type: "abort" };
const ERROR = chunk({ type: "error", errorText: "overloaded" });
/** A program may add data behind what the model has said. */
const DATA = chunk({ type: "data-usage", data: 7 });

/** What an answer says at its end, and how it has ended then: an error is not taken back, otherwise the first word counts. */
const ENDINGS = [
  [[FINISH], "finished"],
  [[ABORT], "stopped"],
  [[ERROR], "failed"],
  [[FINISH, ERROR], "failed"],
  [[ERROR, FINISH], "failed"],
  [[ABORT, FINISH], "stopped"],
  [[FINISH, DATA], "finished"],
] as const;

describe("an answer whose last chunk is there, and only the record of its end is not,", () => {
  it.each([[[FINISH]], [[FINISH, DATA]]])(
    "is whole for its readers at %j: nobody is told of a crash, and nobody is asked to go on",
    async (last) => {
      const { clock, follow } = await unended(last);
      const asked: unknown[] = [];
      const onCrash = (active: unknown): void => void asked.push(active);
      const readers = [await follow(), await follow({ onCrash })];
      const late = await follow({}, { "last-event-id": readers[0]?.ids.at(-1) as string });
      await clock.advance(20_000);
      for (const { data, finished } of readers) {
        const types = [...CHUNKS.slice(0, -1), ...last].map(({ type }) => type);
        expect(data.slice(0, -1).map((json) => JSON.parse(json).type)).toEqual(types);
        expect([data.at(-1), await finished]).toEqual(["[DONE]", "ended"]);
      }
      expect(late.data).toEqual(["[DONE]"]);
      expect(asked).toEqual([]);
    },
  );

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

it("an answer that somebody has asked to stop, and whose producer has gone, is ended as stopped by the next one", async () => {
  const { clock, memory, options, begin, ends } = createAnswerRig();
  await begin(CHUNKS.length - 1, dying());
  await stopAnswer(memory.stream, { clock, waitMillis: 0 });
  await clock.advance(20_000);
  await startAnswer(memory.stream, { ...options, id: "a2" });
  expect(ends()).toEqual([{ answer: "a1", reason: "stopped" }]);
});

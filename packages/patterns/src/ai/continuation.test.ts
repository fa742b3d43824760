import { describe, expect, it } from "vitest";
import { answerChunks, chunk } from "../../test/ui-chunks.js";
import { Continuation } from "./continuation.js";
import type { UiChunk } from "./ui-types.js";

const join = (before: readonly UiChunk[], after: readonly UiChunk[]) => {
  const continuation = new Continuation(before);
  return after.flatMap((each) => continuation.shape(each));
};

const text = (type: string, id: string, delta?: string) =>
  chunk({ type, id, ...(delta === undefined ? {} : { delta }) });

describe("an answer that was broken off", () => {
  it("goes on in the text that was open", () => {
    const before = answerChunks(["one ", "two "]).slice(0, 5);
    expect(join(before, answerChunks(["three"], "9"))).toEqual([
      text("text-delta", "0", "three"),
      text("text-end", "0"),
      { type: "finish-step" },
      { type: "finish" },
    ]);
  });

  it("ends what was open before anything else follows", () => {
    const before = [
      { type: "start" },
      { type: "start-step" },
      text("reasoning-start", "r"),
      text("text-start", "0"),
      text("text-delta", "0", "one"),
    ];
    const call = chunk({ type: "tool-input-start", toolCallId: "c", toolName: "t" });
    expect(join(before, [{ type: "start" }, { type: "start-step" }, call, text("text-start", "0")])).toEqual([
      text("reasoning-end", "r"),
      text("text-end", "0"),
      call,
      text("text-start", "0"),
    ]);
  });

  it("is left as it is where it was between two parts", () => {
    const before = answerChunks(["one"]).slice(0, 6);
    const after = answerChunks(["two"]);
    expect(join(before, after)).toEqual(after.slice(1));
    expect(join([], after)).toEqual(after);
  });

  it("renames the text that goes on, and no later one of the same id", () => {
    const before = answerChunks(["one"], "a").slice(0, 4);
    const after = [
      text("text-start", "b"),
      text("text-end", "b"),
      text("text-start", "b"),
      text("text-end", "b"),
    ];
    expect(join(before, after)).toEqual([
      text("text-end", "a"),
      text("text-start", "b"),
      text("text-end", "b"),
    ]);
  });
});

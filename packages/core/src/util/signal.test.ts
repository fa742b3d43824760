import { describe, expect, it } from "vitest";
import { createCountingAbortController } from "../testing/index.js";
import { onAbort } from "./signal.js";

describe("listening to a signal", () => {
  it("gives the reason, once", () => {
    const counting = createCountingAbortController();
    const seen: unknown[] = [];
    onAbort(counting.signal, (reason) => seen.push(reason));
    counting.abort("why");
    counting.abort("again");
    expect(seen).toEqual(["why"]);
  });

  it("leaves nothing behind once it is removed [D1-18]", () => {
    const counting = createCountingAbortController();
    const remove = onAbort(counting.signal, () => expect.fail("removed"));
    expect(counting.listeners).toBe(1);
    remove();
    remove();
    expect(counting.listeners).toBe(0);
    counting.abort();
  });

  it("calls at once when the signal is aborted already, and adds no listener", () => {
    const seen: unknown[] = [];
    onAbort(AbortSignal.abort("before"), (reason) => seen.push(reason))();
    expect(seen).toEqual(["before"]);
  });

  it("does nothing without a signal", () => {
    onAbort(undefined, () => expect.fail("no signal"))();
  });
});

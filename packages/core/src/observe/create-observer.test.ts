import { describe, expect, it } from "vitest";
import { createAppendSession } from "../session/append/session.js";
import {
  createFakeClock,
  createScriptedTransport,
  createTestContext,
  flushMicrotasks,
} from "../testing/index.js";
import { createObserver } from "./create-observer.js";
import { EVENT_NAMES, type EventName, type Hooks } from "./hooks.js";
import { recordsRequest } from "./recorder.fixture.js";

const startSession = (...hooks: Hooks[]): void => {
  const context = createTestContext({ transport: createScriptedTransport(), clock: createFakeClock() });
  createAppendSession({ ...context, observer: createObserver(...hooks) }, { request: recordsRequest });
};

describe("an observer", () => {
  it("tells every set of hooks, in order, one whose neighbour throws too", () => {
    const seen: string[] = [];
    startSession(
      {
        sessionStarted: () => {
          throw new Error("mine");
        },
      },
      { sessionStarted: () => seen.push("second"), hookFailed: ({ hook }) => seen.push(hook) },
      { sessionStarted: () => seen.push("third") },
    );
    expect(seen).toEqual(["sessionStarted", "second", "third"]);
  });

  it("tells of an async hook that fails, instead of leaving its promise unhandled", async () => {
    const failures: unknown[] = [];
    startSession({
      sessionStarted: async () => {
        throw "late";
      },
      hookFailed: (failure) => failures.push(failure),
    });
    await flushMicrotasks();
    expect(failures).toEqual([{ hook: "sessionStarted", error: "late" }]);
  });

  it("calls hooks as methods of what they belong to", () => {
    class Counting implements Hooks {
      count = 0;
      sessionStarted(): void {
        this.count += 1;
      }
    }
    const counting = new Counting();
    startSession(counting);
    expect(counting.count).toBe(1);
  });

  it("knows every event by name", () => {
    // Does not compile when one is missing.
    const missing: never[] = [] as Exclude<EventName, (typeof EVENT_NAMES)[number]>[];
    expect(missing).toEqual([]);
    expect(new Set(EVENT_NAMES).size).toBe(EVENT_NAMES.length);
  });

  it("makes no event for which there is no hook", () => {
    expect(createObserver({}).connections).toEqual({});
  });

  it.each([
    [null, "hooks must be an object; got null"],
    [{ batchSent: 1 }, "the hook batchSent must be a function; got 1"],
    [{ batchSnet: () => {} }, 'there is no event "batchSnet"'],
  ])("refuses %j as hooks", (hooks, message) => {
    expect(() => createObserver(hooks as unknown as Hooks)).toThrow(message);
    expect(() => createObserver(hooks as unknown as Hooks)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
  });
});

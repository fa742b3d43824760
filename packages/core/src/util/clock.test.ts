import { afterEach, describe, expect, it, vi } from "vitest";
import { createSystemClock } from "./clock.js";

const HOUR = 3_600_000;

/** The runtime's timers as a test sees them. */
function stubTimers() {
  const armed: { fire: () => void; ms: number; handle: { unref: () => void } }[] = [];
  const unref = vi.fn();
  const clear = vi.fn();
  vi.stubGlobal("setTimeout", (fire: () => void, ms: number) => {
    const handle = { unref };
    armed.push({ fire, ms, handle });
    return handle;
  });
  vi.stubGlobal("clearTimeout", clear);
  return { armed, unref, clear };
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the system clock", () => {
  it("never goes back", () => {
    const { now } = createSystemClock();
    const first = now();
    expect(now()).toBeGreaterThanOrEqual(first);
  });

  it.each([
    ["forward", 1],
    ["back", -1],
  ])("does not follow the time of day when that is set hours %s", (_, direction) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { now } = createSystemClock();
    const first = now();
    vi.setSystemTime(Date.now() + direction * 5 * HOUR);
    expect(now()).toBeGreaterThanOrEqual(first);
    expect(now() - first).toBeLessThan(HOUR);
  });

  it("arms the runtime's timers, found at the time of the call", () => {
    const clock = createSystemClock();
    const { armed } = stubTimers();
    const fire = vi.fn();
    clock.timer(25, fire, true);
    expect(armed.map(({ ms }) => ms)).toEqual([25]);
    armed[0]?.fire();
    expect(fire).toHaveBeenCalledOnce();
  });

  it("lets a timer hold the process only when it is told to [H-12]", () => {
    const { unref } = stubTimers();
    const clock = createSystemClock();
    clock.timer(1, () => {}, true);
    expect(unref).not.toHaveBeenCalled();
    clock.timer(1, () => {}, false);
    expect(unref).toHaveBeenCalledOnce();
  });

  it("cancels a timer by the function that it gave for it", () => {
    const { armed, clear } = stubTimers();
    createSystemClock().timer(1, () => {}, true)();
    expect(clear).toHaveBeenCalledWith(armed[0]?.handle);
  });

  it("works where timers are plain numbers", () => {
    vi.stubGlobal("setTimeout", () => 7);
    expect(() => createSystemClock().timer(1, () => {}, false)).not.toThrow();
  });
});

import { describe, expect, it } from "vitest";
import { S2Error } from "../error/s2-error.js";
import { createFakeClock } from "../testing/index.js";
import { RetryBudget } from "./budget.js";
import { overrideRetrySettings, type RetryConfig, resolveRetrySettings } from "./settings.js";

const fault = (code: string, retryAfterMillis?: number): S2Error =>
  new S2Error({ message: code, code, retryAfterMillis });

const budgetOf = (config: RetryConfig = {}, kind: "call" | "session" = "session", random = 0) => {
  const clock = createFakeClock();
  return { clock, budget: new RetryBudget(resolveRetrySettings(config), kind, clock, () => random) };
};

describe("the retry budget", () => {
  it("doubles the delay up to the largest base, plus as much again at random", () => {
    const { budget } = budgetOf(
      { maxAttempts: "unlimited", minBaseDelayMillis: 50, maxBaseDelayMillis: 300 },
      "session",
      1,
    );
    const delays = Array.from({ length: 5 }, () => budget.delayAfter(fault("storage"), true));
    expect(delays).toEqual([100, 200, 400, 600, 600]);
  });

  it("stays finite after any number of failures", () => {
    const { budget } = budgetOf({ maxAttempts: "unlimited" });
    for (let count = 0; count < 5000; count += 1)
      expect(budget.delayAfter(fault("storage"), true)).toBeLessThanOrEqual(1000);
  });

  it("gives up on what cannot be retried or may not be repeated", () => {
    const { budget } = budgetOf({ maxAttempts: "unlimited" });
    expect(budget.delayAfter(fault("authn"), true)).toBeUndefined();
    expect(budget.delayAfter(fault("storage"), false)).toBeUndefined();
  });

  it("gives up before a delay that ends after the given time", () => {
    const { budget } = budgetOf({ maxAttempts: "unlimited" });
    expect(budget.delayAfter(fault("storage"), true, 99)).toBeUndefined();
    expect(budget.delayAfter(fault("storage"), true, 200)).toBe(200);
  });

  it("waits as long as the server asks, if that is longer, within what a timer can hold", () => {
    const { budget } = budgetOf();
    expect(budget.delayAfter(fault("rate_limited", 5), true)).toBe(100);
    expect(budget.delayAfter(fault("rate_limited", 9000), true)).toBe(9000);
    expect(budget.delayAfter(fault("rate_limited", 1e15), true)).toBe(2 ** 31 - 1);
  });

  it("goes by what an error says of itself, never by its number [H-6]", () => {
    const { budget } = budgetOf({ maxAttempts: "unlimited" });
    const lost = new S2Error({ message: "cut", code: "CONNECTION_LOST", status: 404 });
    const fatal = new S2Error({ message: "no", code: "invalid", status: 503 });
    expect(budget.delayAfter(lost, true)).toBeDefined();
    expect(budget.delayAfter(fatal, true)).toBeUndefined();
  });

  it("forgets failures at progress", () => {
    const { budget, clock } = budgetOf({ maxAttempts: 2 });
    expect(budget.delayAfter(fault("storage"), true)).toBe(100);
    budget.progress();
    clock.block(60_000);
    expect(budget.delayAfter(fault("storage"), true)).toBe(100);
    expect(budget.delayAfter(fault("storage"), true)).toBeUndefined();
  });

  it("counts attempts from the one that made progress on, those that draining asked for included", () => {
    const { budget } = budgetOf({ maxAttempts: 2 });
    expect(budget.attempts).toBe(0);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      budget.attemptStarted();
      budget.delayAfter(fault("server_draining"), true);
    }
    expect(budget.attempts).toBe(3);
    budget.progress();
    expect(budget.attempts).toBe(1);
    budget.startAnew();
    expect(budget.attempts).toBe(0);
  });

  it("bounds draining for calls too: after 60 s it counts", () => {
    const { budget, clock } = budgetOf({}, "call");
    let attempts = 0;
    for (let delay: number | undefined = 0; delay !== undefined && attempts < 1000; attempts += 1) {
      clock.block(delay);
      budget.attemptStarted();
      delay = budget.delayAfter(fault("server_draining"), true);
    }
    expect(clock.now()).toBeGreaterThanOrEqual(60_000);
    expect(clock.now()).toBeLessThan(61_000);
    expect(attempts).toBe(60_000 / 250 + 3);
  });

  it("keeps 250 ms between draining attempts also when they are counted", () => {
    const { budget, clock } = budgetOf({ maxAttempts: "unlimited", minBaseDelayMillis: 0 });
    budget.delayAfter(fault("server_draining"), true);
    clock.block(61_000);
    budget.attemptStarted();
    expect(budget.delayAfter(fault("server_draining"), true)).toBe(250);
  });

  it("takes the time an attempt took off the pause of draining", () => {
    const { budget, clock } = budgetOf();
    budget.attemptStarted();
    clock.block(100);
    expect(budget.delayAfter(fault("server_draining"), true)).toBe(150);
    expect(budget.delayAfterAdvice()).toBe(150);
    clock.block(500);
    expect(budget.delayAfterAdvice()).toBe(0);
  });
});

describe("the retry settings", () => {
  it("have the defaults of the documentation", () => {
    expect(resolveRetrySettings()).toEqual({
      maxAttempts: undefined,
      minBaseDelayMillis: 100,
      maxBaseDelayMillis: 1000,
      appendRetryPolicy: "all",
      requestTimeoutMillis: 5000,
    });
  });

  it("know the older name of the base delay, which may raise the largest", () => {
    expect(resolveRetrySettings({ retryBackoffDurationMillis: 3000 })).toMatchObject({
      minBaseDelayMillis: 3000,
      maxBaseDelayMillis: 3000,
    });
    expect(
      resolveRetrySettings({ minBaseDelayMillis: 10, retryBackoffDurationMillis: 3000 }).minBaseDelayMillis,
    ).toBe(10);
  });

  it("prefer the client's request timeout", () => {
    expect(resolveRetrySettings({ requestTimeoutMillis: 1 }, 2).requestTimeoutMillis).toBe(2);
    expect(resolveRetrySettings({ requestTimeoutMillis: 1 }).requestTimeoutMillis).toBe(1);
  });

  it("of a session are its client's, but for what it says itself", () => {
    const client = resolveRetrySettings({ maxAttempts: 2, maxBaseDelayMillis: 5000 }, 700);
    expect(overrideRetrySettings(client, undefined)).toBe(client);
    expect(overrideRetrySettings(client, { maxAttempts: undefined })).toEqual(client);
    expect(overrideRetrySettings(client, { maxAttempts: "unlimited" })).toEqual({
      ...client,
      maxAttempts: "unlimited",
    });
    expect(overrideRetrySettings(client, { retryBackoffDurationMillis: 9000 })).toEqual({
      ...client,
      minBaseDelayMillis: 9000,
      maxBaseDelayMillis: 9000,
    });
    expect(overrideRetrySettings(client, { minBaseDelayMillis: 1, maxBaseDelayMillis: 2 })).toEqual({
      ...client,
      minBaseDelayMillis: 1,
      maxBaseDelayMillis: 2,
    });
  });

  const bad: [field: string, config: RetryConfig][] = [
    ...[Number.NaN, 0, -1, 1.5, Number.POSITIVE_INFINITY, 2 ** 60].map(
      (maxAttempts): [string, RetryConfig] => ["maxAttempts", { maxAttempts }],
    ),
    ["maxAttempts", { maxAttempts: "many" as never }],
    ["appendRetryPolicy", { appendRetryPolicy: "some" as never }],
    ["minBaseDelayMillis", { minBaseDelayMillis: Number.NaN }],
    ["minBaseDelayMillis", { minBaseDelayMillis: -1 }],
    ["retryBackoffDurationMillis", { retryBackoffDurationMillis: Number.POSITIVE_INFINITY }],
    ["maxBaseDelayMillis", { maxBaseDelayMillis: 2 ** 31 }],
    ["maxBaseDelayMillis", { minBaseDelayMillis: 500, maxBaseDelayMillis: 100 }],
    ["requestTimeoutMillis", { requestTimeoutMillis: 0 }],
    ["requestTimeoutMillis", { requestTimeoutMillis: "5" as never }],
  ];
  it.each(bad)("refuse a bad %s: %j [D1-10, D2-30]", (field, config) => {
    expect(() => resolveRetrySettings(config)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(field) }),
    );
  });
});

import { describe, expect, it } from "vitest";
import { AppendOutcomeUnknownError, SeqNumMismatchError } from "./append-errors.js";
import { amendError, RangeNotSatisfiableError, S2Error } from "./s2-error.js";

describe("an S2Error", () => {
  it("has only the fields that are known of it", () => {
    const error = new S2Error({ message: "m", code: "REQUEST_TIMEOUT" });
    expect(Object.keys(error).sort()).toEqual([
      "attempts",
      "code",
      "origin",
      "retryable",
      "sideEffect",
      "status",
    ]);
    expect(error.name).toBe("S2Error");
    expect(String(error)).toBe("S2Error: m");
  });

  it("is named by its class", () => {
    expect(new RangeNotSatisfiableError().name).toBe("RangeNotSatisfiableError");
    expect(new AppendOutcomeUnknownError({ message: "m" }).name).toBe("AppendOutcomeUnknownError");
  });
});

describe("an amended error", () => {
  const original = new SeqNumMismatchError({ expectedSeqNum: 7, cause: "why" });
  const amended = amendError(original, { attempts: 3 });

  it("keeps class, fields, cause and stack", () => {
    expect(amended).toBeInstanceOf(SeqNumMismatchError);
    expect(amended).toMatchObject({
      expectedSeqNum: 7,
      status: 412,
      attempts: 3,
      cause: "why",
      name: "SeqNumMismatchError",
    });
    expect(amended.message).toBe(original.message);
    expect(amended.stack).toBe(original.stack);
    expect(amended.stack).toContain("s2-error.test");
  });

  it("is an error of the runtime, not an object that looks like one", () => {
    expect(Object.prototype.toString.call(amended)).toBe("[object Error]");
    expect(structuredClone(amended)).toBeInstanceOf(Error);
  });

  it("leaves the original as it was", () => {
    expect(original.attempts).toBe(0);
  });
});

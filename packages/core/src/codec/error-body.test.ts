import { describe, expect, it } from "vitest";
import { SERVER_CODES } from "../error/advice.js";
import { FencingTokenMismatchError, SeqNumMismatchError } from "../error/append-errors.js";
import { RangeNotSatisfiableError, type S2Error } from "../error/s2-error.js";
import { errorFromResponse, errorFromTerminalFrame } from "./append-error-body.js";
import { errorFromSseEvent } from "./error-event.js";
import { utf8 } from "./vectors.fixture.js";

function answered(status: number, body: string, headers?: Record<string, string>): S2Error {
  return errorFromResponse(status, utf8(body), headers);
}

describe("errorFromResponse", () => {
  it.each(Object.entries(SERVER_CODES))(
    "knows %s with its own status, and fails closed with another",
    (code, facts) => {
      const body = JSON.stringify({ code, message: "what happened" });
      expect(answered(facts.status, body)).toMatchObject({
        code,
        status: facts.status,
        message: "what happened",
        origin: "server",
        retryable: facts.retryable,
        sideEffect: facts.sideEffect,
        data: { code, message: "what happened" },
      });
      expect(answered(599, body)).toMatchObject({
        code,
        status: 599,
        retryable: false,
        sideEffect: "possible",
      });
    },
  );

  it.each([
    [408, true],
    [429, true],
    [500, true],
    [502, true],
    [503, true],
    [504, true],
    [400, false],
    [404, false],
    [409, false],
    [501, false],
    [302, false],
  ])("with status %i and no known code is retryable: %s", (status, retryable) => {
    for (const body of [
      "",
      '{"code":"new_code","message":"m"}',
      "<html>busy</html>",
      '{"code":"serv',
      "null",
      "[]",
      "5",
    ]) {
      expect(answered(status, body)).toMatchObject({
        status,
        retryable,
        sideEffect: "possible",
        origin: "server",
      });
    }
  });

  it("does not take a code of the SDK's own from a server", () => {
    expect(answered(502, '{"code":"CONNECT_FAILED","message":"m"}')).toMatchObject({
      retryable: true,
      sideEffect: "possible",
    });
    expect(answered(404, '{"code":"__proto__"}')).toMatchObject({ retryable: false, sideEffect: "possible" });
  });

  it("says what it can without JSON", () => {
    expect(answered(503, "").message).toBe("The server answered with status 503");
    expect(answered(503, "").data).toBeUndefined();
    expect(answered(503, " upstream is down \n").message).toBe(
      "The server answered with status 503: upstream is down",
    );
    expect(answered(502, "<html>long page</html>")).toMatchObject({
      message: "The server answered with status 502",
      data: "<html>long page</html>",
    });
    expect(answered(500, "x".repeat(1000)).message.length).toBeLessThan(260);
    expect(errorFromResponse(500, Uint8Array.of(0xff, 0xfe)).message).toContain("\ufffd");
  });

  it("gives both mismatches their classes", () => {
    const seq = answered(412, '{"seq_num_mismatch":0}');
    expect(seq).toBeInstanceOf(SeqNumMismatchError);
    expect(seq).toMatchObject({
      expectedSeqNum: 0,
      status: 412,
      code: "APPEND_CONDITION_FAILED",
      retryable: false,
      sideEffect: "none",
      origin: "server",
    });
    const fence = answered(412, '{"fencing_token_mismatch":""}');
    expect(fence).toBeInstanceOf(FencingTokenMismatchError);
    expect(fence).toMatchObject({ expectedFencingToken: "", retryable: false, sideEffect: "none" });
    expect(fence.data).toEqual({ fencing_token_mismatch: "" });
  });

  it("names a mismatch beyond 2^53-1 exactly, though not as a number", () => {
    const error = answered(412, '{"seq_num_mismatch":18446744073709551615}');
    expect(error).not.toBeInstanceOf(SeqNumMismatchError);
    expect(error).toMatchObject({
      code: "APPEND_CONDITION_FAILED",
      status: 412,
      sideEffect: "none",
      retryable: false,
    });
    expect(error.message).toContain("18446744073709551615");
    expect(error.data).toEqual({ seq_num_mismatch: 2n ** 64n - 1n });
  });

  it("keeps the status of a 412 whose body says nothing", () => {
    for (const body of ["", "{}", '{"seq_num_mismatch":"1"}', "oops"]) {
      expect(answered(412, body)).toMatchObject({ status: 412, retryable: false });
    }
  });

  it("gives a 416 its class, with the tail where there is one", () => {
    const error = answered(416, '{"tail":{"seq_num":5,"timestamp":1004}}');
    expect(error).toBeInstanceOf(RangeNotSatisfiableError);
    expect(error).toMatchObject({
      tail: { seq_num: 5, timestamp: 1004 },
      code: "RANGE_NOT_SATISFIABLE",
      sideEffect: "none",
      retryable: false,
      origin: "server",
    });
    for (const body of ["", "<html>", '{"tail":5}', '{"tail":{"seq_num":9007199254740992,"timestamp":1}}']) {
      const bare = answered(416, body);
      expect(bare).toBeInstanceOf(RangeNotSatisfiableError);
      expect((bare as RangeNotSatisfiableError).tail).toBeUndefined();
    }
  });

  it("saturates a tail's timestamp and keeps its digits in the data", () => {
    const error = answered(416, '{"tail":{"seq_num":1,"timestamp":18446744073709551615}}');
    expect(error).toMatchObject({ tail: { seq_num: 1, timestamp: Number.MAX_SAFE_INTEGER } });
    expect(error.data).toEqual({ tail: { seq_num: 1, timestamp: 2n ** 64n - 1n } });
  });

  it.each([
    [{ "retry-after-ms": "250" }, 250],
    [{ "retry-after": "2" }, 2000],
    [{ "retry-after-ms": "0", "retry-after": "2" }, 0],
    [{ "retry-after-ms": "soon", "retry-after": "1" }, 1000],
    [{ "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }, undefined],
    [{ "retry-after-ms": "-5" }, undefined],
    [{}, undefined],
  ])("reads from %j how long to wait", (headers, millis) => {
    expect(answered(503, "", headers).retryAfterMillis).toBe(millis);
    expect(answered(412, '{"seq_num_mismatch":1}', headers).retryAfterMillis).toBe(millis);
  });
});

describe("errorFromTerminalFrame", () => {
  function terminal(status: number, body: string): S2Error {
    return errorFromTerminalFrame(Uint8Array.of(status >>> 8, status & 0xff, ...utf8(body)));
  }

  it("is what a response of that status would give", () => {
    expect(terminal(503, '{"code":"unavailable","message":"gone"}')).toMatchObject({
      code: "unavailable",
      status: 503,
      retryable: true,
      sideEffect: "possible",
    });
    expect(terminal(412, '{"seq_num_mismatch":4}')).toBeInstanceOf(SeqNumMismatchError);
    expect(terminal(416, '{"tail":{"seq_num":1,"timestamp":2}}')).toMatchObject({
      tail: { seq_num: 1, timestamp: 2 },
    });
    expect(terminal(500, "")).toMatchObject({ status: 500, retryable: true });
  });

  it("without a status is a protocol error", () => {
    expect(errorFromTerminalFrame(new Uint8Array(1))).toMatchObject({ code: "PROTOCOL_ERROR" });
  });
});

describe("errorFromSseEvent", () => {
  it("takes the status from the code or the shape, so what is permanent is not retried", () => {
    expect(errorFromSseEvent('{"code":"decryption_failed","message":"m"}')).toMatchObject({
      status: 400,
      retryable: false,
      sideEffect: "none",
      message: "m",
    });
    expect(errorFromSseEvent('{"code":"unavailable","message":"m"}')).toMatchObject({
      status: 503,
      retryable: true,
    });
    expect(errorFromSseEvent('{"seq_num_mismatch":3}')).toMatchObject({ status: 0, retryable: false });
    expect(errorFromSseEvent('{"tail":{"seq_num":3,"timestamp":1}}')).toBeInstanceOf(
      RangeNotSatisfiableError,
    );
  });

  it("without either is not retried", () => {
    for (const text of ["", "busy", '{"code":"new_code","message":"m"}', "null"]) {
      expect(errorFromSseEvent(text)).toMatchObject({ status: 0, retryable: false, origin: "server" });
    }
    expect(errorFromSseEvent("busy").message).toBe("The server reported an error: busy");
  });
});

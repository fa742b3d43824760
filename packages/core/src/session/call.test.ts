import { describe, expect, it } from "vitest";
import { S2Error, type S2ErrorInit } from "../error/s2-error.js";
import type { RetryConfig } from "../retry/settings.js";
import {
  createCountingAbortController,
  createFakeClock,
  createScriptedTransport,
  createTestContext,
  flushMicrotasks,
  observe,
} from "../testing/index.js";
import type { WireRequest, WireResponse } from "../transport/index.js";
import { type CallSpec, call } from "./call.js";
import type { Credentials } from "./context.js";

const fault = (code: string, facts: Partial<S2ErrorInit> = {}): S2Error =>
  new S2Error({ message: code, code, ...facts });
const request: WireRequest = { method: "GET", url: "https://a.test/v1/basins", headers: {} };

const rig = (
  spec: Partial<CallSpec<number>> = {},
  options: { retry?: RetryConfig; credentials?: Credentials; random?: () => number } = {},
) => {
  const clock = createFakeClock();
  const transport = createScriptedTransport();
  const base = createTestContext({ transport, clock, ...options });
  const context = options.credentials === undefined ? base : { ...base, credentials: options.credentials };
  const result = observe(call(context, { request, decode: ({ status }: WireResponse) => status, ...spec }));
  return {
    clock,
    transport,
    result,
    async fail(error: Error): Promise<void> {
      await flushMicrotasks();
      transport.exchanged().fail(error);
      await flushMicrotasks();
    },
  };
};

describe("a call", () => {
  it("gives what the answer decodes to, and leaves nothing behind [D1-19]", async () => {
    const counting = createCountingAbortController();
    const { transport, result, clock } = rig({ signal: counting.signal });
    await flushMicrotasks();
    expect(counting.listeners).toBe(1);
    transport.exchanged().answer({ status: 204 });
    await flushMicrotasks();
    expect(result.value).toBe(204);
    expect(clock.pending).toEqual([]);
    expect(counting.listeners).toBe(0);
  });

  it("makes three attempts unless told otherwise [H-4]", async () => {
    const { fail, clock, transport, result } = rig();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await fail(fault("CONNECT_FAILED"));
      await clock.runNext();
    }
    expect(result.reason).toMatchObject({ code: "CONNECT_FAILED", attempts: 3 });
    expect(transport.exchanges.map(({ options }) => options.attempt)).toEqual([1, 2, 3]);
    expect(clock.pending).toEqual([]);
  });

  it.each([1, 5])("makes exactly the attempts it was told: %i", async (maxAttempts) => {
    const { fail, clock, transport } = rig({}, { retry: { maxAttempts } });
    for (let attempt = 0; attempt < 9; attempt += 1) {
      await fail(fault("hot_server"));
      if (!(await clock.runNext())) break;
    }
    expect(transport.exchanges).toHaveLength(maxAttempts);
  });

  it("does not repeat what cannot be cured, and keeps the error's class and cause [D1-42]", async () => {
    class Special extends S2Error {}
    const error = new Special({ message: "no", code: "basin_not_found", cause: "why" });
    const { transport, result } = rig({
      decode: () => {
        throw error;
      },
    });
    await flushMicrotasks();
    transport.exchanged().answer({ status: 404 });
    await flushMicrotasks();
    expect(result.reason).toBeInstanceOf(Special);
    expect(result.reason).toMatchObject({ code: "basin_not_found", attempts: 1, cause: "why" });
    expect(transport.exchanges).toHaveLength(1);
  });

  it("respects what the server asks to wait [D2-22]", async () => {
    const { fail, clock, transport } = rig();
    await fail(fault("rate_limited", { retryAfterMillis: 3000 }));
    await clock.advance(2999);
    expect(transport.exchanges).toHaveLength(1);
    await clock.advance(1);
    expect(transport.exchanges).toHaveLength(2);
  });

  it("gives an attempt up that does not answer in time, and aborts it [D2-16, H-1]", async () => {
    const { clock, transport, result } = rig({}, { retry: { maxAttempts: 1, requestTimeoutMillis: 700 } });
    await clock.advance(699);
    expect(result.state).toBe("pending");
    await clock.advance(1);
    expect(result.reason).toMatchObject({ code: "REQUEST_TIMEOUT", sideEffect: "possible" });
    expect(transport.exchanged().options.signal.aborted).toBe(true);
    expect(clock.pending).toEqual([]);
  });

  it("allows a large body and a long poll more time", async () => {
    const body = new Uint8Array(64_000);
    const { clock, result } = rig(
      { request: { ...request, body }, extraMillis: 2000 },
      { retry: { maxAttempts: 1 } },
    );
    await clock.advance(5000 + 2000 + 999);
    expect(result.state).toBe("pending");
    await clock.advance(1);
    expect(result.state).toBe("rejected");
  });

  it("lets an answer that is already here win over a timer that fires late [H-1]", async () => {
    const { clock, transport, result } = rig();
    await flushMicrotasks();
    clock.block(60_000);
    await clock.turn();
    transport.exchanged().answer({});
    await clock.advance(0);
    expect(result.value).toBe(200);
  });

  it("keeps an overall deadline, within an attempt and between attempts", async () => {
    const within = rig({ deadlineMillis: 1500 });
    await within.clock.advance(1500);
    expect(within.result.reason).toMatchObject({ code: "REQUEST_TIMEOUT" });

    const between = rig({ deadlineMillis: 1500 });
    await between.fail(fault("rate_limited", { retryAfterMillis: 2000 }));
    expect(between.result.reason).toMatchObject({ code: "rate_limited" });
    expect(between.clock.pending).toEqual([]);
  });

  it("holds the process as long as it is awaited [H-12]", async () => {
    const { clock, fail } = rig();
    expect(clock.pending.map(({ keepAlive }) => keepAlive)).toEqual([true]);
    await fail(fault("hot_server"));
    expect(clock.pending.map(({ keepAlive }) => keepAlive)).toEqual([true]);
  });

  it("is not repeated when its side effects forbid it", async () => {
    const { fail, result } = rig({ repeatable: ({ sideEffect }) => sideEffect === "none" });
    await fail(fault("CONNECTION_LOST"));
    expect(result.reason).toMatchObject({ code: "CONNECTION_LOST", attempts: 1 });
  });
});

describe("aborting a call", () => {
  it("beforehand makes no request [H-2]", async () => {
    const { result, transport } = rig({ signal: AbortSignal.abort("before") });
    await flushMicrotasks();
    expect(result.reason).toMatchObject({
      code: "ABORTED",
      status: 499,
      cause: "before",
      sideEffect: "none",
    });
    expect(transport.exchanges).toHaveLength(0);
  });

  it("ends the attempt at once, whether the transport notices or not", async () => {
    const counting = createCountingAbortController();
    const { result, transport, clock } = rig({ signal: counting.signal });
    await flushMicrotasks();
    counting.abort("now");
    await flushMicrotasks();
    expect(result.reason).toMatchObject({ code: "ABORTED", cause: "now", sideEffect: "possible" });
    expect(transport.exchanged().options.signal.aborted).toBe(true);
    expect(clock.pending).toEqual([]);
  });

  it("ends a backoff at once [D1-39, D2-16]", async () => {
    const counting = createCountingAbortController();
    const { fail, result, transport, clock } = rig({ signal: counting.signal });
    await fail(fault("CONNECT_FAILED"));
    counting.abort("now");
    await flushMicrotasks();
    expect(result.reason).toMatchObject({ code: "ABORTED", sideEffect: "none" });
    await clock.advance(60_000);
    expect(transport.exchanges).toHaveLength(1);
    expect(clock.pending).toEqual([]);
    expect(counting.listeners).toBe(0);
  });

  it("while the token is awaited sends nothing", async () => {
    const counting = createCountingAbortController();
    let give = (_: string): void => {};
    const authorization = () =>
      new Promise<string>((resolve) => {
        give = resolve;
      });
    const { result, transport } = rig(
      { signal: counting.signal },
      { credentials: { authorization, renew: () => false } },
    );
    counting.abort();
    give("Bearer late");
    await flushMicrotasks();
    expect(result.reason).toMatchObject({ code: "ABORTED", sideEffect: "none" });
    expect(transport.exchanges).toHaveLength(0);
  });

  it("leaves no listener whichever way the call ends [D1-18]", async () => {
    for (const end of ["answer", "failure", "timeout"]) {
      const counting = createCountingAbortController();
      const { transport, clock, fail } = rig({ signal: counting.signal }, { retry: { maxAttempts: 1 } });
      await flushMicrotasks();
      if (end === "answer") transport.exchanged().answer({});
      if (end === "failure") await fail(fault("invalid"));
      if (end === "timeout") await clock.advance(5000);
      await flushMicrotasks();
      expect(counting.listeners, end).toBe(0);
    }
  });
});

describe("a call whose earlier attempt may have had an effect", () => {
  it("says so, though the last failure itself proves none", async () => {
    const { fail, clock, result } = rig({}, { retry: { maxAttempts: 2 } });
    await fail(fault("CONNECTION_LOST"));
    await clock.runNext();
    await fail(fault("CONNECT_FAILED"));
    expect(result.reason).toMatchObject({ code: "CONNECT_FAILED", sideEffect: "possible", attempts: 2 });
  });

  it("may be settled by what the last failure tells", async () => {
    const { fail, clock, result } = rig({
      settleUncertain: ({ code }) => (code === "basin_not_found" ? 1 : 2),
    });
    await fail(fault("CONNECTION_LOST"));
    await clock.runNext();
    await fail(fault("basin_not_found"));
    expect(result.value).toBe(1);
  });

  it("is not settled so when every attempt proved to have none", async () => {
    const { fail, clock, result } = rig({ settleUncertain: () => 1 });
    await fail(fault("CONNECT_FAILED"));
    await clock.runNext();
    await fail(fault("basin_not_found"));
    expect(result.reason).toMatchObject({ code: "basin_not_found", sideEffect: "none" });
  });
});

describe("a refused token", () => {
  it("is renewed once, at once, without spending an attempt", async () => {
    let token = 0;
    const credentials = {
      authorization: () => `Bearer ${token}`,
      renew: () => {
        token += 1;
        return true;
      },
    };
    const { fail, transport, result } = rig({}, { credentials, retry: { maxAttempts: 1 } });
    await fail(fault("permission_denied", { status: 403 }));
    expect(transport.exchanges.map(({ options }) => options.authorization)).toEqual(["Bearer 0", "Bearer 1"]);
    await fail(fault("permission_denied", { status: 403 }));
    expect(result.reason).toMatchObject({ code: "permission_denied" });
    expect(transport.exchanges).toHaveLength(2);
  });

  it("is the caller's failure when there is no other", async () => {
    const { fail, result } = rig();
    await fail(fault("authn", { status: 401 }));
    expect(result.reason).toMatchObject({ code: "authn" });
  });

  it.each(["quota_exhausted"])("is not what %s means", async (code) => {
    let renewals = 0;
    const renew = (): boolean => {
      renewals += 1;
      return true;
    };
    const { fail } = rig({}, { credentials: { authorization: () => "Bearer x", renew } });
    await fail(fault(code));
    expect(renewals).toBe(0);
  });
});

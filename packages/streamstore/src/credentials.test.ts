import { S2Error } from "@s2-dev/streamstore-core";
import {
  flushMicrotasks,
  observe,
  type ScriptedExchange,
  type ScriptedTransport,
} from "@s2-dev/streamstore-core/testing";
import { afterEach, beforeEach, describe, expect, it, type Mock, vi } from "vitest";
import { answerError, answerJson, BASIN, createTestClient, nextCall, rejection } from "../test/support.js";
import type { AccessToken, AccessTokenProvider } from "./credentials.js";

const START = Date.UTC(2026, 0, 1);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: START });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Gives `token-1`, `token-2`, ..., and counts how often it was asked. */
function counting(
  describe: (token: string, asked: number) => ReturnType<AccessTokenProvider> = (token) => token,
): Mock<AccessTokenProvider> {
  let asked = 0;
  return vi.fn(() => {
    asked += 1;
    return describe(`token-${asked}`, asked);
  });
}

function rig(accessToken: AccessTokenProvider) {
  const { s2, transport, clock } = createTestClient({ accessToken });
  return { s2, transport, clock, stream: s2.basin(BASIN).stream("events") };
}

/** Lets promises settle; what asks the function is loaded by the first who needs it, which takes more than microtasks. */
async function settle(): Promise<void> {
  await import("./refreshing-credentials.js");
  await flushMicrotasks();
}

async function called(transport: ScriptedTransport): Promise<ScriptedExchange> {
  await settle();
  return nextCall(transport);
}

const PAGE = { basins: [], has_more: false };
const authorizations = (transport: ScriptedTransport): string[] =>
  transport.exchanges.map(({ options }) => options.authorization);

describe("an access token from a function", () => {
  it("is asked for when it is first needed, and kept [H-23]", async () => {
    const provider = counting();
    const { s2, transport } = rig(provider);
    expect(provider).not.toHaveBeenCalled();
    for (let call = 0; call < 3; call += 1) {
      const listing = s2.basins.list();
      answerJson(await called(transport), 200, PAGE);
      await listing;
    }
    expect(authorizations(transport)).toEqual(Array(3).fill("Bearer token-1"));
    expect(provider).toHaveBeenCalledTimes(1);
  });

  it("is shared by calls and sessions that need it at the same time [H-23]", async () => {
    let give = (_: string): void => {};
    const provider = counting(() => new Promise<string>((resolve) => (give = resolve)));
    const { s2, transport, stream } = rig(provider);
    void s2.basins.list().catch(() => undefined);
    void s2.metrics.account({ set: "active-basins" }).catch(() => undefined);
    void stream.readSession({ seq_num: 0 }).catch(() => undefined);
    const session = await stream.appendSession();
    void session.submit({ body: "x" });
    await settle();
    expect(provider).toHaveBeenCalledTimes(1);
    expect(transport.exchanges).toEqual([]);
    give("late");
    await settle();
    expect(authorizations(transport)).toEqual(["Bearer late", "Bearer late"]);
    expect([transport.read().options.authorization, transport.append().options.authorization]).toEqual([
      "Bearer late",
      "Bearer late",
    ]);
  });

  it.each<[string, number, (token: string) => AccessToken, number]>([
    ["30 s", 3_600_000, (token) => ({ token, expiresAt: START + 3_600_000 }), 30_000],
    ["a tenth of its life", 60_000, (token) => ({ token, expiresAt: new Date(START + 60_000) }), 6000],
  ])("is asked for anew %s before it expires [H-23]", async (_, life, describe, margin) => {
    const provider = counting(describe);
    const { s2, transport } = rig(provider);
    const call = async (): Promise<void> => {
      const listing = s2.basins.list();
      answerJson(await called(transport), 200, PAGE);
      await listing;
    };
    await call();
    vi.setSystemTime(START + life - margin - 1);
    await call();
    vi.setSystemTime(START + life - margin);
    await call();
    expect(authorizations(transport)).toEqual(["Bearer token-1", "Bearer token-1", "Bearer token-2"]);
  });

  it.each([
    [401, "authn"],
    [403, "permission_denied"],
  ])("is asked for anew once after a %i %s, without spending an attempt [H-23]", async (status, code) => {
    const provider = counting();
    const { s2, transport } = rig(provider);
    const listing = s2.basins.list();
    answerError(await called(transport), status, code);
    const second = await called(transport);
    expect(authorizations(transport)).toEqual(["Bearer token-1", "Bearer token-2"]);
    answerError(second, status, code);
    expect(await rejection(listing)).toMatchObject({ status, code });
    expect(transport.exchanges).toHaveLength(2);
  });

  it("is not asked for anew after a 403 of another kind", async () => {
    const provider = counting();
    const { s2, transport } = rig(provider);
    const listing = s2.basins.list();
    answerError(await called(transport), 403, "quota_exhausted");
    expect(await rejection(listing)).toMatchObject({ code: "quota_exhausted" });
    expect(provider).toHaveBeenCalledTimes(1);
  });

  it("is asked for anew once for all who were refused with the same one [H-23]", async () => {
    const provider = counting();
    const { s2, transport } = rig(provider);
    const listings = [s2.basins.list(), s2.basins.list()];
    await settle();
    const [first, second] = transport.exchanges;
    answerError(first as never, 401, "authn");
    answerJson(await called(transport), 200, PAGE);
    await listings[0];
    // The other refusal comes when the new token is there already.
    answerError(second as never, 401, "authn");
    answerJson(await called(transport), 200, PAGE);
    await listings[1];
    expect(authorizations(transport).slice(2)).toEqual(["Bearer token-2", "Bearer token-2"]);
    expect(provider).toHaveBeenCalledTimes(2);
  });

  it("is renewed in sessions too [H-23]", async () => {
    const { transport, clock, stream } = rig(counting());
    const session = await stream.appendSession();
    const ack = session.submit({ body: "x" });
    await settle();
    expect(transport.append().options.authorization).toBe("Bearer token-1");
    transport.append().end(new S2Error({ message: "expired", code: "authn" }));
    await clock.advance(0);
    expect(transport.append().options.authorization).toBe("Bearer token-2");
    transport.append().open();
    transport.append().acknowledge();
    expect((await ack).start.seq_num).toBe(0);

    const reading = stream.readSession({ seq_num: 0 });
    await settle();
    expect(transport.read().options.authorization).toBe("Bearer token-2");
    transport.read().refuse(new S2Error({ message: "expired", code: "permission_denied" }));
    await clock.advance(0);
    await settle();
    expect(transport.read().options.authorization).toBe("Bearer token-3");
    transport.read().open();
    await (await reading).cancel();
  });

  it.each(["at once", "later"])(
    "that cannot be had, as is known %s, is retried like an attempt that failed, and told with its cause",
    async (when) => {
      const cause = new Error("the issuer is down");
      const provider = counting(() => {
        if (when === "at once") throw cause;
        return Promise.reject(cause);
      });
      const { s2, transport, clock } = rig(provider);
      const listing = observe(s2.basins.list());
      for (let attempt = 0; attempt < 3; attempt += 1) {
        await settle();
        await clock.advance(1000);
      }
      await settle();
      expect(listing.reason).toMatchObject({
        code: "TOKEN_UNAVAILABLE",
        sideEffect: "none",
        attempts: 3,
        cause,
      });
      expect(provider).toHaveBeenCalledTimes(3);
      expect(transport.exchanges).toEqual([]);
    },
  );

  it("that cannot be had before the old one has expired is not missed", async () => {
    let works = true;
    const provider = counting((token) => {
      if (!works) throw new Error("the issuer is down");
      return { token, expiresAt: START + 100_000 };
    });
    const { s2, transport } = rig(provider);
    const call = (): Promise<unknown> => s2.basins.list();
    const first = call();
    answerJson(await called(transport), 200, PAGE);
    await first;
    works = false;
    vi.setSystemTime(START + 95_000);
    const second = call();
    answerJson(await called(transport), 200, PAGE);
    await second;
    expect(authorizations(transport)).toEqual(["Bearer token-1", "Bearer token-1"]);
    expect(provider).toHaveBeenCalledTimes(2);
  });

  it("is asked for anew when the function has not answered for a second", async () => {
    const provider = counting((token, asked) => (asked === 1 ? new Promise(() => {}) : token));
    const { s2, transport, clock } = rig(provider);
    const hanging = observe(s2.basins.list(undefined, { deadlineMillis: 5000 }));
    await clock.advance(5000);
    await clock.advance(0);
    await settle();
    expect(hanging.reason).toMatchObject({ code: "REQUEST_TIMEOUT", sideEffect: "none" });
    vi.setSystemTime(START + 1000);
    const listing = s2.basins.list();
    answerJson(await called(transport), 200, PAGE);
    await listing;
    expect(authorizations(transport)).toEqual(["Bearer token-2"]);
  });

  it("is asked for anew, once, by those who share an answer that does not come [H-23]", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"], now: START });
    const provider = counting((token, asked) => (asked === 1 ? new Promise(() => {}) : token));
    const { s2, transport } = rig(provider);
    // The first one is gone, as a request of a worker may be; what it has asked for will never come.
    void s2.basins.list().catch(() => undefined);
    await settle();
    const others = [s2.basins.list(), s2.basins.list()];
    await settle();
    await vi.advanceTimersByTimeAsync(999);
    expect(provider).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    await settle();
    expect(provider).toHaveBeenCalledTimes(2);
    for (const exchange of transport.exchanges) answerJson(exchange, 200, PAGE);
    await Promise.all(others);
    expect(authorizations(transport)).toEqual(["Bearer token-2", "Bearer token-2"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each<[string, unknown, RegExp]>([
    ["no text", 5, /the token that accessToken\(\) gave must be a string; got a number/],
    ["nothing", undefined, /must be a string/],
    ["two words", "two words", /visible ASCII/],
    ["an expiry that is no time", { token: "t", expiresAt: "soon" }, /expiresAt.*"soon"/],
  ])("that is %s fails the call at once", async (_, given, message) => {
    const provider = counting(() => given as string);
    const { s2, transport } = rig(provider);
    const error = await rejection(s2.basins.list());
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", message: expect.stringMatching(message) });
    expect(transport.exchanges).toEqual([]);
  });

  it("is not asked for by a closed client", async () => {
    const provider = counting();
    const { s2 } = rig(provider);
    await s2.close();
    expect(await rejection(s2.basins.list())).toMatchObject({ code: "SESSION_CLOSED" });
    expect(provider).not.toHaveBeenCalled();
  });
});

import { type AppendSession, FencingTokenMismatchError } from "@s2-dev/streamstore-core";
import { createFakeClock, flushMicrotasks } from "@s2-dev/streamstore-core/testing";
import { describe, expect, it } from "vitest";
import { MemoryConversation } from "../../test/memory-conversation.js";
import { acquireHeldLease } from "../lease/acquire-lease.js";
import { LeasedAppends } from "./leased-appends.js";

const NOW = 1_750_000_000_000;

async function setUp() {
  const clock = createFakeClock(NOW);
  const memory = new MemoryConversation(clock);
  const session = (await memory.appendSession()) as unknown as AppendSession;
  const lease = await acquireHeldLease(memory.stream, {
    clock,
    ttlMillis: 9000,
    renewEveryMillis: 0,
    session,
  });
  let opened = 0;
  const appends = new LeasedAppends(lease, session, async () => {
    opened += 1;
    return (await memory.appendSession()) as unknown as AppendSession;
  });
  /** A renewal that the service has done, and of which nobody has heard: by the session, which ends with it. */
  const loseRenewal = async (): Promise<void> => {
    memory.losesAckOf = /^L/;
    await clock.advance(1000);
    await lease.renew();
  };
  const stored = () => memory.records.map(({ body }) => body).filter((body) => !body.startsWith("L"));
  return { clock, memory, lease, appends, loseRenewal, stored, opened: () => opened };
}

describe("appends under a lease", () => {
  it("wait for a renewal that is on its way beside the session that was given up", async () => {
    const { clock, memory, lease, appends, loseRenewal, stored, opened } = await setUp();
    await loseRenewal();
    let acknowledge = (): void => {};
    memory.ackGate = () =>
      new Promise((resolve) => {
        acknowledge = resolve;
      });
    await clock.advance(1000);
    const renewed = lease.renew();
    await flushMicrotasks();
    memory.ackGate = () => Promise.resolve();
    const appended = appends.append([{ body: "one" }]);
    for (let turn = 0; turn < 50; turn += 1) await flushMicrotasks();
    expect([stored(), opened()]).toEqual([[], 1]);
    acknowledge();
    await renewed;
    await appended;
    expect([stored(), opened()]).toEqual([["one"], 1]);
  });

  it("learn the token of a renewal whose outcome nobody knows from the refusal", async () => {
    const { clock, memory, lease, appends, loseRenewal, stored } = await setUp();
    await loseRenewal();
    memory.ackGate = () => Promise.reject(new Error("the acknowledgement is lost"));
    await clock.advance(1000);
    await expect(lease.renew()).rejects.toThrow("is lost");
    memory.ackGate = () => Promise.resolve();
    await appends.append([{ body: "one" }]);
    await appends.append([{ body: "two" }]);
    expect([stored(), lease.isHeld, memory.token]).toEqual([["one", "two"], true, lease.fencingToken]);
  });

  it("give the lease the session that is opened anew: renewals are in order with them again", async () => {
    const { clock, memory, lease, appends, loseRenewal, stored } = await setUp();
    await loseRenewal();
    await appends.append([{ body: "one" }]);
    const held: (() => void)[] = [];
    memory.gate = () => new Promise((resolve) => held.push(resolve));
    await clock.advance(1000);
    const before = appends.append([{ body: "two" }]);
    const renewed = lease.renew();
    await flushMicrotasks();
    // A renewal beside the session would overtake what is under way.
    expect(memory.appends.at(-1)?.records).toEqual([{ body: "two" }]);
    const after = appends.append([{ body: "three" }]);
    memory.gate = () => Promise.resolve();
    for (const goOn of held) goOn();
    await Promise.all([before, renewed, after]);
    expect(stored()).toEqual(["one", "two", "three"]);
  });

  it("fail when they are refused for somebody else's token", async () => {
    const { memory, appends, opened } = await setUp();
    memory.token = "another's";
    await expect(appends.append([{ body: "one" }])).rejects.toBeInstanceOf(FencingTokenMismatchError);
    expect(opened()).toBe(0);
  });

  it("end with what they wait for when they are closed meanwhile", async () => {
    const { memory, appends, loseRenewal } = await setUp();
    await loseRenewal();
    const open = memory.appendSession.bind(memory);
    let goOn = (): void => {};
    memory.appendSession = async () => {
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      return open();
    };
    const appended = appends.append([{ body: "one" }]);
    appended.catch(() => {});
    await flushMicrotasks();
    appends.close();
    goOn();
    await expect(appended).rejects.toMatchObject({ code: "ABORTED" });
  });
});

import { type RetryConfig, S2Error } from "@s2-dev/streamstore-core";
import { flushMicrotasks, observe, type ScriptedTransport } from "@s2-dev/streamstore-core/testing";
import { describe, expect, it } from "vitest";
import { answerJson, BASIN, createTestClient, nextCall, rejection } from "../test/support.js";

const away = (): S2Error => new S2Error({ message: "nobody listens", code: "CONNECT_FAILED" });
const openClient = () => {
  const client = createTestClient({ retry: { maxAttempts: 2 } });
  return { ...client, stream: client.s2.basin(BASIN).stream("events") };
};

/** Lets every attempt fail until so many were made, or the session has given up. */
async function failAttempts(
  links: ScriptedTransport["reads"] | ScriptedTransport["appends"],
  attempts: number,
  clock: ReturnType<typeof createTestClient>["clock"],
): Promise<void> {
  await flushMicrotasks();
  for (let made = links.length; made < attempts; made = links.length) {
    const link = links[made - 1];
    if (link !== undefined && "refuse" in link) link.refuse(away());
    else link?.end(away());
    await flushMicrotasks();
    while (links.length === made) if (!(await clock.runNext())) return;
  }
}

describe("a session with retry settings of its own", () => {
  it("follows for ever, while the calls of its client still give up [D1-89, H-4]", async () => {
    const { stream, transport, clock } = openClient();
    const opening = observe(stream.readSession({ seq_num: 0 }, { retry: { maxAttempts: "unlimited" } }));
    await failAttempts(transport.reads, 100, clock);
    expect(opening.state).toBe("pending");
    expect(clock.now()).toBeGreaterThan(60_000);

    const failed = rejection(stream.checkTail());
    for (let attempt = 0; attempt < 2; attempt += 1) {
      answerJson(await nextCall(transport), 503, { code: "unavailable", message: "away" });
      await clock.advance(1000);
    }
    expect(await failed).toMatchObject({ code: "unavailable", attempts: 2 });
    transport.read().open();
    await flushMicrotasks();
    expect(opening.state).toBe("fulfilled");
  });

  it("appends for ever, while other sessions of its client still give up", async () => {
    const { stream, transport, clock } = openClient();
    const patient = await stream.appendSession({ retry: { maxAttempts: "unlimited" } });
    const ack = observe(patient.submit({ body: "x" }));
    await failAttempts(transport.appends, 100, clock);
    expect(ack.state).toBe("pending");
    transport.append().open();
    transport.append().acknowledge();
    await flushMicrotasks();
    expect(ack.state).toBe("fulfilled");
    const closing = patient.close();
    transport.append().end(null);
    await closing;

    const usual = await stream.appendSession();
    const refused = observe(usual.submit({ body: "y" }));
    const before = transport.appends.length - 1;
    await failAttempts(transport.appends, before + 5, clock);
    expect(refused.reason).toMatchObject({ code: "CONNECT_FAILED", attempts: 2 });
    expect(transport.appends).toHaveLength(before + 2);
  });

  it("sends nothing twice that may have landed, where only this session wants that", async () => {
    const { stream, transport } = openClient();
    const session = await stream.appendSession({ retry: { appendRetryPolicy: "noSideEffects" } });
    const ack = observe(session.submit({ body: "x" }));
    transport.append().open();
    transport.append().take();
    transport.append().end(new S2Error({ message: "cut", code: "CONNECTION_LOST" }));
    await flushMicrotasks();
    expect(ack.reason).toMatchObject({ code: "CONNECTION_LOST", sideEffect: "possible", attempts: 1 });
    expect(transport.appends).toHaveLength(1);
  });

  it("has a deadline of its own for each attempt", async () => {
    const { stream, transport, clock } = openClient();
    const opening = observe(stream.readSession({ seq_num: 0 }, { retry: { requestTimeoutMillis: 60_000 } }));
    await flushMicrotasks();
    await clock.advance(59_999);
    expect(transport.reads).toHaveLength(1);
    expect(opening.state).toBe("pending");
    transport.read().open();
    await flushMicrotasks();
    expect(opening.state).toBe("fulfilled");
  });

  it.each<[unknown, RegExp]>([
    [{ maxAttempts: 0 }, /retry\.maxAttempts must be .* got 0/],
    [{ maxAttempts: "ever" }, /retry\.maxAttempts must be .* got "ever"/],
    [{ appendRetryPolicy: "some" }, /retry\.appendRetryPolicy/],
    [{ minBaseDelayMillis: Number.NaN }, /retry\.minBaseDelayMillis/],
    ["unlimited", /retry must be an object; got "unlimited"/],
  ])("is refused before anything is sent when they are bad: %j [D2-30, D1-10]", async (retry, message) => {
    const { stream, transport } = openClient();
    for (const opening of [
      () => stream.readSession({}, { retry: retry as RetryConfig }),
      () => stream.appendSession({ retry: retry as RetryConfig }),
    ]) {
      const error = await rejection(opening());
      expect(error).toMatchObject({ code: "INVALID_ARGUMENT", sideEffect: "none" });
      expect((error as S2Error).message).toMatch(message);
    }
    expect([...transport.reads, ...transport.appends]).toEqual([]);
  });
});

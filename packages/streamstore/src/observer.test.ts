import { createObserver, EVENT_NAMES, type EventName, type Hooks } from "@s2-dev/streamstore-core";
import { createScriptedTransport, observe } from "@s2-dev/streamstore-core/testing";
import { describe, expect, it } from "vitest";
import { answerJson, BASIN, createTestClient, nextCall, TOKEN } from "../test/support.js";
import type { S2ClientOptions } from "./options.js";

/** Hooks that keep names and facts. */
function recording(): { readonly hooks: Hooks; readonly seen: [EventName, Record<string, unknown>][] } {
  const seen: [EventName, Record<string, unknown>][] = [];
  const hooks = Object.fromEntries(
    EVENT_NAMES.map((name) => [name, (event: Record<string, unknown>) => void seen.push([name, event])]),
  );
  return { hooks: hooks as Hooks, seen };
}

describe("the option observer", () => {
  it("watches calls and sessions of every handle", async () => {
    const { hooks, seen } = recording();
    const { s2, transport } = createTestClient({ observer: createObserver(hooks) });
    const basin = s2.basin(BASIN);
    const stream = basin.stream("events");
    const creating = basin.streams.create({ stream: "events" });
    answerJson(await nextCall(transport), 200, { name: "events", created_at: "2026-01-01T00:00:00Z" });
    await creating;
    const appending = await stream.appendSession();
    observe(appending.submit({ body: "a" }));
    const opening = stream.readSession({ seq_num: 3 });
    transport.read().open();
    await opening;
    const activities = new Map(seen.map(([, { activity }]) => [(activity as { id: number }).id, activity]));
    const place = { basin: BASIN, stream: "events", transport: "scripted" };
    expect([...activities.values()]).toMatchObject([
      { kind: "call", operation: "create_stream", ...place },
      { kind: "append_session", operation: "append", ...place },
      { kind: "read_session", operation: "read", ...place },
    ]);
    expect(seen.map(([name]) => name)).toContain("sessionOpened");
    expect(JSON.stringify(seen)).not.toContain(TOKEN);
  });

  it("is told to the transports that the client makes, for their connections", () => {
    const opened = (): void => {};
    const { made } = createTestClient({ observer: createObserver({ connectionOpened: opened }) });
    expect(made[0]?.options.observer?.connections.connectionOpened).toEqual(expect.any(Function));
  });

  it("watches what goes over a transport of the user's own, which it leaves as it is", async () => {
    const { hooks, seen } = recording();
    const transport = createScriptedTransport();
    const { s2 } = createTestClient({ observer: createObserver(hooks), transport });
    observe(s2.basins.list());
    await nextCall(transport);
    expect(transport.exchanges).toHaveLength(1);
    expect(seen.map(([name]) => name)).toEqual(["callStarted", "attemptStarted"]);
  });

  it.each([null, {}, "console", { batchSent: () => {} }])("refuses %j", (observer) => {
    const options = { observer } as unknown as S2ClientOptions;
    expect(() => createTestClient(options)).toThrow("observer must come from createObserver()");
  });
});

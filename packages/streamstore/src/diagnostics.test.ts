import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createObserver, EVENT_NAMES } from "@s2-dev/streamstore-core";
import { describe, expect, it } from "vitest";
import { answerJson, createTestClient, nextCall } from "../test/support.js";
import { channelNameOf, diagnosticsHooks } from "./diagnostics.js";

describe("the diagnostics channels", () => {
  it("carry every event under its own name", () => {
    expect(Object.keys(diagnosticsHooks())).toEqual([...EVENT_NAMES]);
    expect(new Set(EVENT_NAMES.map(channelNameOf)).size).toBe(EVENT_NAMES.length);
  });

  it("give subscribers what hooks get", async () => {
    const hooked: unknown[] = [];
    const published: unknown[] = [];
    const listen = (message: unknown): void => void published.push(message);
    const name = channelNameOf("callFinished");
    subscribe(name, listen);
    try {
      const observer = createObserver(diagnosticsHooks(), { callFinished: (event) => hooked.push(event) });
      const { s2, transport } = createTestClient({ observer });
      const listing = s2.basins.list();
      answerJson(await nextCall(transport), 200, { basins: [], has_more: false });
      await listing;
    } finally {
      unsubscribe(name, listen);
    }
    expect(published).toHaveLength(1);
    expect(published[0]).toBe(hooked[0]);
    expect(published[0]).toMatchObject({ activity: { operation: "list_basins" }, error: undefined });
  });
});

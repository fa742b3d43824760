import type { RetryConfig } from "../retry/settings.js";
import { createFakeClock, createScriptedTransport, createTestContext } from "../testing/index.js";
import type { WireRequest } from "../transport/index.js";
import { createObserver } from "./create-observer.js";
import { EVENT_NAMES, type EventMap, type EventName, type Hooks } from "./hooks.js";

export type Recorded = {
  readonly [N in EventName]: { readonly name: N; readonly event: EventMap[N] };
}[EventName];

/** Hooks that keep every event, in order. */
function recorder(): { readonly hooks: Hooks; readonly events: Recorded[] } {
  const events: Recorded[] = [];
  const hooks = Object.fromEntries(
    EVENT_NAMES.map((name) => [name, (event: never) => events.push({ name, event })]),
  ) as Hooks;
  return { hooks, events };
}

export const recordsRequest: WireRequest = {
  method: "POST",
  url: "https://my-basin.b.test/v1/streams/a%2Fb/records",
  headers: {},
};

/** A scripted transport and a fake clock, observed. */
export function observedRig(retry: RetryConfig = {}, ...more: readonly Hooks[]) {
  const clock = createFakeClock();
  const transport = createScriptedTransport();
  const { hooks, events } = recorder();
  const observer = createObserver(hooks, ...more);
  const context = { ...createTestContext({ transport, clock, retry }), observer };
  return {
    clock,
    transport,
    context,
    events,
    names: () => events.map(({ name }) => name),
    /** The facts of every event of this name. */
    all<N extends EventName>(name: N): EventMap[N][] {
      return events.filter((one) => one.name === name).map(({ event }) => event as EventMap[N]);
    },
  };
}

/**
 * Events of the SDK on `node:diagnostics_channel`, for monitors that find the SDK in a program rather than being handed
 * to it. For Node.js, Bun, Deno, and workers with Node compatibility.
 * @packageDocumentation
 */
import { channel } from "node:diagnostics_channel";
import { EVENT_NAMES, type EventName, type Hooks } from "@s2-dev/streamstore-core";

/** Name of the channel of an event: `s2.streamstore:batchAcked`. Messages are the events of `EventMap`. */
export function channelNameOf(event: EventName): string {
  return `s2.streamstore:${event}`;
}

/**
 * Hooks that publish every event on its channel: `createObserver(diagnosticsHooks())`. Subscribers get the same object
 * as hooks do. An event without a subscriber costs little more than the making of it.
 * @see https://nodejs.org/api/diagnostics_channel.html
 */
export function diagnosticsHooks(): Hooks {
  const hooks: { [name: string]: (event: unknown) => void } = {};
  for (const name of EVENT_NAMES) {
    const target = channel(channelNameOf(name));
    hooks[name] = (event) => target.publish(event);
  }
  return hooks;
}

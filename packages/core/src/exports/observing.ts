/** What watches a client at work. */
export { createObserver } from "../observe/create-observer.js";
export { EVENT_NAMES } from "../observe/hooks.js";
export { logEvents } from "../observe/log-events.js";

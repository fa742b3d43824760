/** What watches a client at work. */
export { createObserver, EVENT_NAMES, logEvents } from "@s2-dev/streamstore-core";

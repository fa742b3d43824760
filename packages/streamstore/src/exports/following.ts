/** What a program that reads uses beside its client. */
export { CaughtUpTracker, commandOf, isCommandRecord } from "@s2-dev/streamstore-core";

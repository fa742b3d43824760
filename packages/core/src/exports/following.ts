/** What a program that reads uses beside its client: commands among the records, and whether it has caught up. */
export { commandOf, isCommandRecord } from "../model/command.js";
export { CaughtUpTracker } from "../session/read/caught-up.js";

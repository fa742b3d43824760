/** What a read asks for, and how far it has come. */
export { readFormat, readQuery, readSkips } from "../model/read-args.js";
export { readRequest } from "../rest/read-request.js";
export { ReadCursor, repetitionError } from "../session/read/cursor.js";
export { SILENCE_LIMIT } from "../session/read/watchdog.js";

/** What a read asks for, and how far it has come. */
export { readFormat, readQuery, readSkips } from "../model/read-args.js";
export { readRequest } from "../rest/read-request.js";
export { FINISH_BOUND, FIRST_FRAME_WAIT, SILENCE_LIMIT } from "../session/read/bounds.js";
export { ReadCursor, repetitionError } from "../session/read/cursor.js";

/**
 * Places in a stream that can be stored as text and come back to.
 * @packageDocumentation
 */
export {
  CursorMismatchError,
  createCursor,
  cursorOf,
  parseCursor,
  restoreCursor,
  type StreamCursor,
  type StreamPlace,
} from "./stream-cursor.js";

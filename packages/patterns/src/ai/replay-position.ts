import { invalidArgument } from "@s2-dev/streamstore-core";
import { show } from "@s2-dev/streamstore-core/transport";
import { cursorWriter, restoreCursor, type StreamPlace } from "../cursor/stream-cursor.js";
import type { ChunkPlace } from "./answer-record.js";

/** Where a reader of an answer is: what the id of an event says. */
export interface ReplayPosition {
  /** The record to read next. */
  readonly seqNum: number;
  /** The chunk of the event: copies of it, and of those before it, may lie behind it. Unknown of a plain cursor. */
  readonly seen?: ChunkPlace;
  /** Until when the producer counted as alive at that event, in milliseconds since the epoch. */
  readonly expiresAt?: number;
  /** Whether that chunk, or one before it, has said how the answer ended. */
  readonly hasTerminal: boolean;
  /** Whether the reader has seen the end of an answer, and only wants the one behind it. */
  readonly isEnd?: boolean;
}

/** Behind the id of the last event of an answer: who comes back with it is told that there is nothing more. */
export const END_MARK = ".end";

/** A cursor, and behind it the chunk, the deadline (`-`: none), and a mark where it was said how the answer ended. */
const POSITION = /^(c1\.[^.]*\.[^.]*)\.([0-9a-z]{1,11})\.([0-9a-z]{1,11})\.([0-9a-z]{1,11}|-)(\.t)?$/;

/**
 * Reads the id of an event, or a plain cursor.
 * @throws S2Error `CURSOR_MISMATCH` for one of another stream, `INVALID_ARGUMENT` for what is none.
 */
export function parsePosition(text: string, place: StreamPlace): ReplayPosition {
  if (text.endsWith(END_MARK)) {
    const { seq_num: seqNum } = restoreCursor(text.slice(0, -END_MARK.length), place);
    return { seqNum, hasTerminal: true, isEnd: true };
  }
  const [, cursor, begin = "", index = "", deadline = "", mark] = POSITION.exec(text) ?? [];
  const { seq_num: seqNum } = restoreCursor(cursor ?? text, place);
  if (cursor === undefined) return { seqNum, hasTerminal: false };
  const seen = { begin: Number.parseInt(begin, 36), index: Number.parseInt(index, 36) };
  const expiresAt = deadline === "-" ? Number.POSITIVE_INFINITY : Number.parseInt(deadline, 36);
  if (!(seen.begin < seqNum)) throw invalidArgument(`${show(text)} is not the position of a chunk`);
  return { seqNum, seen, expiresAt, hasTerminal: mark !== undefined };
}

/** Writes the ids of events of one stream. */
export class PositionWriter {
  readonly #write: (seqNum: number) => string;

  constructor(place: StreamPlace) {
    this.#write = cursorWriter(place);
  }

  /** The id of a chunk's event; `seqNum` is the record behind it. */
  chunk(seqNum: number, { begin, index }: ChunkPlace, expiresAt: number, isTerminal: boolean): string {
    const deadline = Number.isFinite(expiresAt) ? Math.max(0, Math.floor(expiresAt)).toString(36) : "-";
    const place = `${begin.toString(36)}.${index.toString(36)}.${deadline}`;
    return `${this.#write(seqNum)}.${place}${isTerminal ? ".t" : ""}`;
  }

  /** The id of the last event. */
  end(seqNum: number): string {
    return this.#write(seqNum) + END_MARK;
  }
}

import { invalidArgument, type ReadSession, type RecordFormat, S2Error } from "@s2-dev/streamstore-core";
import { checkObject, show } from "@s2-dev/streamstore-core/transport";
import { checkBasinName, checkStreamName, decodeBase64, encodeBase64 } from "@s2-dev/streamstore-core/wire";

/** What a cursor belongs to; a handle of a stream is one. */
export interface StreamPlace {
  /** Name of the basin. */
  readonly basin: string;
  /** Name of the stream. */
  readonly name: string;
}

/** A place in one stream, to be stored and come back to. Its text is opaque, versioned, and safe in a URL or header. */
export interface StreamCursor {
  /** Name of the basin. */
  readonly basin: string;
  /** Name of the stream. */
  readonly stream: string;
  /** Sequence number of the record to read next. */
  readonly seq_num: number;
  /** Where to start reading: `stream.readSession({ ...cursor.start() })`. */
  start(): { readonly seq_num: number };
  /** The text to store; `restoreCursor` reads it. */
  toString(): string;
  /** The same text, so that a cursor may be a field of what is stored as JSON. */
  toJSON(): string;
}

/** A cursor was handed in that belongs to another stream. Its code is `CURSOR_MISMATCH`. */
export class CursorMismatchError extends S2Error {
  /** The cursor that was handed in. */
  readonly cursor: StreamCursor;

  constructor(cursor: StreamCursor, place: StreamPlace) {
    super({
      message: `The cursor belongs to stream ${show(cursor.stream)} of basin ${show(cursor.basin)}, not to ${show(place.name)} of ${show(place.basin)}`,
      code: "CURSOR_MISMATCH",
      status: 400,
      sideEffect: "none",
      retryable: false,
    });
    this.name = "CursorMismatchError";
    this.cursor = cursor;
  }
}

/** Version, sequence number to the base 36, and both names behind each other in base64url. */
const TEXT = /^c1\.([0-9a-z]{1,11})\.([A-Za-z0-9_-]+)$/;
/** Names hold none. */
const SEPARATOR = "\0";

class Cursor implements StreamCursor {
  readonly basin: string;
  readonly stream: string;
  readonly seq_num: number;

  constructor(basin: string, stream: string, seqNum: number) {
    this.basin = basin;
    this.stream = stream;
    this.seq_num = seqNum;
  }

  start(): { readonly seq_num: number } {
    return { seq_num: this.seq_num };
  }

  toString(): string {
    return writeCursor(namesText(this.basin, this.stream), this.seq_num);
  }

  toJSON(): string {
    return this.toString();
  }
}

/**
 * A cursor at a sequence number of a stream.
 * @throws S2Error `INVALID_ARGUMENT` for what is no name or no sequence number.
 */
export function createCursor(place: StreamPlace, seqNum: number): StreamCursor {
  checkObject(place, "the stream of a cursor");
  checkBasinName(place.basin);
  checkStreamName(place.name);
  if (!Number.isSafeInteger(seqNum) || seqNum < 0) {
    throw invalidArgument(`seq_num must be an integer from 0 to 2^53-1; got ${show(seqNum)}`);
  }
  return new Cursor(place.basin, place.name, seqNum);
}

/** The cursor behind the last record that a session has handed over; `undefined` while nothing is known. */
export function cursorOf(
  place: StreamPlace,
  session: Pick<ReadSession<RecordFormat>, "nextReadPosition">,
): StreamCursor | undefined {
  checkObject(place, "the stream of a cursor");
  if (typeof session?.nextReadPosition !== "function")
    throw invalidArgument(`session must have nextReadPosition(); got ${show(session)}`);
  const position = session.nextReadPosition();
  return position && createCursor(place, position.seq_num);
}

/**
 * Reads the text of a cursor, of whichever stream.
 * @throws S2Error `INVALID_ARGUMENT` for any other text.
 */
export function parseCursor(text: string): StreamCursor {
  const [, position = "", names = ""] = (typeof text === "string" && TEXT.exec(text)) || [];
  const seqNum = Number.parseInt(position, 36);
  const [basin = "", stream = "", ...rest] = namesFromText(names) ?? [];
  if (!Number.isSafeInteger(seqNum) || rest.length > 0) throw noCursor(text);
  try {
    return createCursor({ basin, name: stream }, seqNum);
  } catch {
    throw noCursor(text);
  }
}

/**
 * Reads the text of a cursor of this stream.
 * @throws CursorMismatchError for a cursor of another stream.
 * @throws S2Error `INVALID_ARGUMENT` for text that is no cursor.
 */
export function restoreCursor(text: string, place: StreamPlace): StreamCursor {
  const cursor = parseCursor(text);
  checkObject(place, "the stream of a cursor");
  if (cursor.basin !== place.basin || cursor.stream !== place.name) {
    throw new CursorMismatchError(cursor, place);
  }
  return cursor;
}

/** Writes the text of cursors of one stream: its names are encoded once. */
export function cursorWriter(place: StreamPlace): (seqNum: number) => string {
  const names = namesText(place.basin, place.name);
  return (seqNum) => writeCursor(names, seqNum);
}

function writeCursor(names: string, seqNum: number): string {
  return `c1.${seqNum.toString(36)}.${names}`;
}

function namesText(basin: string, stream: string): string {
  return encodeBase64(new TextEncoder().encode(basin + SEPARATOR + stream))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

function namesFromText(text: string): string[] | undefined {
  try {
    const padded = text
      .replaceAll("-", "+")
      .replaceAll("_", "/")
      .padEnd(Math.ceil(text.length / 4) * 4, "=");
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return decoder.decode(decodeBase64(padded)).split(SEPARATOR);
  } catch {
    return undefined;
  }
}

function noCursor(text: unknown): S2Error {
  return invalidArgument(`${show(text)} is not the text of a cursor of version 1`);
}

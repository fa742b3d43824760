import type { AppendRecordInput, StringReadRecord } from "@s2-dev/streamstore-core";
import { splitText } from "./split-text.js";
import type { UiChunk } from "./ui-types.js";

/**
 * How an answer ended: it came to its end; somebody asked to stop it; its source failed; another producer took its place;
 * its producer went away and nobody went on with it.
 */
export type AnswerReason = "finished" | "stopped" | "failed" | "replaced" | "lost";

/** How an answer has ended, as this chunk of it says. */
export function reasonOfChunk({ type }: UiChunk): AnswerReason | undefined {
  if (type === "finish") return "finished";
  if (type === "abort") return "stopped";
  return type === "error" ? "failed" : undefined;
}

/**
 * How an answer has ended as its chunks up to this one say: data may follow its end, and the first word counts, but an
 * error is not taken back, whatever else was said.
 */
export function reasonSaid<T>(before: T | undefined, chunk: UiChunk): T | AnswerReason | undefined {
  const said = reasonOfChunk(chunk);
  return said === "failed" ? said : (before ?? said);
}

/** What a record of a conversation says. */
export type AnswerEvent =
  | { readonly kind: "begin"; readonly answer: string; readonly expiresAt: number }
  | { readonly kind: "chunk"; readonly begin: number; readonly index: number; readonly json: string }
  | { readonly kind: "end"; readonly answer: string; readonly reason: AnswerReason }
  | { readonly kind: "stop"; readonly answer: string }
  | { readonly kind: "message"; readonly json: string }
  | { readonly kind: "drop"; readonly from: string };

/**
 * The header that says what a record is. That of a chunk ends with `+` when it goes on in the next one; a message that
 * takes several begins with `message(`, goes on with `message+` and ends with `message)`, so that one that was cut off
 * is not taken for a part of what follows.
 */
const KIND_HEADER = "_ai";

const MESSAGE = /^message([(+)]?)$/;
const CHUNK = /^c\.([0-9a-z]+)\.([0-9a-z]+)(\+?)$/;
/** Half of what a record may hold: with its header, and encoded, it fits wherever a record does. */
const MAX_BODY_BYTES = 512 * 1024 - 256;
/** Characters of the JSON of one chunk or message: what is larger is not joined, so that nobody fills a reader's memory. */
export const MAX_JSON_LENGTH = 64 * 1024 * 1024;

/** The records of one chunk: usually one. `index` is the number of the first among the records of its answer. */
export function chunkRecords(begin: number, index: number, json: string): AppendRecordInput[] {
  const head = `c.${begin.toString(36)}.`;
  return splitText(json, MAX_BODY_BYTES).map((body, offset, pieces) => {
    const more = offset === pieces.length - 1 ? "" : "+";
    return record(head + (index + offset).toString(36) + more, body);
  });
}

/** The records of one message, given as JSON: usually one. */
export function messageRecords(json: string): AppendRecordInput[] {
  return splitText(json, MAX_BODY_BYTES).map((body, offset, pieces) =>
    record(`message${pieces.length === 1 ? "" : signOf(offset, pieces.length - 1)}`, body),
  );
}

function signOf(offset: number, last: number): string {
  if (offset === 0) return "(";
  return offset === last ? ")" : "+";
}

export function beginRecord(answer: string, expiresAt: number): AppendRecordInput {
  return record("begin", JSON.stringify({ answer, expiresAt }));
}

export function endRecord(answer: string, reason: AnswerReason): AppendRecordInput {
  return record("end", JSON.stringify({ answer, reason }));
}

export function stopRecord(answer: string): AppendRecordInput {
  return record("stop", JSON.stringify({ answer }));
}

/** Takes back the message of this id and all behind it. */
export function dropRecord(from: string): AppendRecordInput {
  return record("drop", JSON.stringify({ from }));
}

function record(kind: string, body: string): AppendRecordInput {
  return { headers: [[KIND_HEADER, kind]], body };
}

/** What a record is called by its header; `undefined` for one that is not of a conversation. */
export function kindOf({ headers }: Pick<StringReadRecord, "headers">): string | undefined {
  return headers[KIND_HEADER];
}

/** Where the answer of a chunk begins; `undefined` for any other record. */
export function beginOfChunk(kind: string | undefined): number | undefined {
  const [, begin] = CHUNK.exec(kind ?? "") ?? [];
  return begin === undefined ? undefined : Number.parseInt(begin, 36);
}

/** Whether a record is of a message that was stored whole, or a piece of one. */
export function isMessageKind(kind: string): boolean {
  return MESSAGE.test(kind);
}

/** Names a chunk: where its answer begins, and its number there. */
export interface ChunkPlace {
  readonly begin: number;
  readonly index: number;
}

/**
 * Reads the records of a conversation one after the other: drops copies that a retry has left behind, and joins what
 * takes several records.
 */
export class AnswerRecordReader {
  /** The answer whose chunks came last, and the highest number among them. */
  #begin = -1;
  #index = -1;
  /** What an unfinished chunk has so far, and an unfinished message; `undefined` when it is too large, or has no beginning. */
  #pieces: string | undefined = "";
  #message: string | undefined;

  /** `seen` is the last chunk that was read before: it and those before it are copies, wherever they come. */
  constructor(seen?: ChunkPlace) {
    if (seen === undefined) return;
    this.#begin = seen.begin;
    this.#index = seen.index;
  }

  /** The number of the newest record of the present answer; -1 when there is none. */
  get index(): number {
    return this.#index;
  }

  /** What the record says, if it completes something. */
  push(read: StringReadRecord): AnswerEvent | undefined {
    const kind = kindOf(read);
    if (kind === undefined) return undefined;
    const [, begin, index, more] = CHUNK.exec(kind) ?? [];
    if (begin !== undefined && index !== undefined) {
      return this.#chunk(Number.parseInt(begin, 36), Number.parseInt(index, 36), more === "+", read.body);
    }
    const [isMessage, sign] = MESSAGE.exec(kind) ?? [];
    if (isMessage !== undefined) return this.#messagePiece(sign, read.body);
    // A request to stop comes from anybody, at any time.
    if (kind !== "stop") this.#message = undefined;
    return eventOf(kind, read.body);
  }

  #messagePiece(sign: string | undefined, body: string): AnswerEvent | undefined {
    const isFirst = sign === "" || sign === "(";
    const before = isFirst ? "" : this.#message;
    this.#message = undefined;
    // What goes on with a message whose beginning is not there is none.
    if (before === undefined) return undefined;
    const json = before + body;
    if (json.length > MAX_JSON_LENGTH) return undefined;
    if (sign === "" || sign === ")") return { kind: "message", json };
    this.#message = json;
    return undefined;
  }

  #chunk(begin: number, index: number, hasMore: boolean, body: string): AnswerEvent | undefined {
    if (begin !== this.#begin) {
      this.#begin = begin;
      this.#index = -1;
      this.#pieces = "";
    }
    if (index <= this.#index) return undefined;
    // A number is left out behind a chunk that was cut off: whoever goes on does not end it.
    const before = index === this.#index + 1 ? this.#pieces : "";
    const json =
      before === undefined || before.length + body.length > MAX_JSON_LENGTH ? undefined : before + body;
    this.#index = index;
    this.#pieces = hasMore ? json : "";
    return hasMore || json === undefined ? undefined : { kind: "chunk", begin, index, json };
  }
}

function eventOf(kind: string, body: string): AnswerEvent | undefined {
  if (kind !== "begin" && kind !== "end" && kind !== "stop" && kind !== "drop") return undefined;
  // Whatever stands there was written by a program of one's own, or by somebody who may write there.
  const { answer, expiresAt, reason, from } = objectIn(body) ?? {};
  if (kind === "drop") return typeof from === "string" ? { kind, from } : undefined;
  if (typeof answer !== "string") return undefined;
  if (kind === "stop") return { kind, answer };
  if (kind === "end") return isReason(reason) ? { kind, answer, reason } : undefined;
  return typeof expiresAt === "number" ? { kind, answer, expiresAt } : undefined;
}

function isReason(value: unknown): value is AnswerReason {
  return typeof value === "string" && REASONS.has(value);
}

const REASONS: ReadonlySet<string> = /* @__PURE__ */ new Set<AnswerReason>([
  "finished",
  "stopped",
  "failed",
  "replaced",
  "lost",
]);

/** The object in a text of JSON; `undefined` for any other text. */
export function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The chunk in a text of JSON; `undefined` for what is none. */
export function chunkIn(json: string): UiChunk | undefined {
  const value = objectIn(json);
  return typeof value?.type === "string" ? (value as unknown as UiChunk) : undefined;
}

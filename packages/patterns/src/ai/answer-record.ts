import type { AppendRecordInput, StringReadRecord } from "@s2-dev/streamstore-core";
import { splitText } from "./split-text.js";

/**
 * How an answer ended: it came to its end; somebody asked to stop it; its source failed; another producer took its place;
 * its producer went away and nobody went on with it.
 */
export type AnswerReason = "finished" | "stopped" | "failed" | "replaced" | "lost";

/** What a record of a conversation says. */
export type AnswerEvent =
  | { readonly kind: "begin"; readonly answer: string; readonly expiresAt: number }
  | { readonly kind: "chunk"; readonly begin: number; readonly index: number; readonly json: string }
  | { readonly kind: "end"; readonly answer: string; readonly reason: AnswerReason }
  | { readonly kind: "stop"; readonly answer: string }
  | { readonly kind: "message"; readonly json: string }
  | { readonly kind: "drop"; readonly from: string };

/** The header that says what a record is. Its value ends with `+` when the record goes on in the next one of its kind. */
export const KIND_HEADER = "_ai";

const CHUNK = /^c\.([0-9a-z]+)\.([0-9a-z]+)(\+?)$/;
/** Half of what a record may hold: with its header, and encoded, it fits wherever a record does. */
const MAX_BODY_BYTES = 512 * 1024 - 256;

/** The records of one chunk: usually one. `index` is the number of the first among the records of its answer. */
export function chunkRecords(begin: number, index: number, json: string): AppendRecordInput[] {
  const head = `c.${begin.toString(36)}.`;
  return splitText(json, MAX_BODY_BYTES).map((body, offset, pieces) => {
    const more = offset === pieces.length - 1 ? "" : "+";
    return record(head + (index + offset).toString(36) + more, body);
  });
}

/** The records of one message: usually one. */
export function messageRecords(message: object): AppendRecordInput[] {
  return splitText(JSON.stringify(message), MAX_BODY_BYTES).map((body, offset, pieces) =>
    record(offset === pieces.length - 1 ? "message" : "message+", body),
  );
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

/**
 * Reads the records of a conversation one after the other: drops copies that a retry has left behind, and joins what
 * takes several records.
 */
export class AnswerRecordReader {
  /** The answer whose chunks came last, and the highest number among them. */
  #begin = -1;
  #index = -1;
  /** What an unfinished chunk or message has so far. */
  #pieces = "";

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
    if (kind === "message" || kind === "message+") {
      const json = this.#join(read.body, kind === "message+");
      return json === undefined ? undefined : { kind: "message", json };
    }
    return eventOf(kind, read.body);
  }

  #chunk(begin: number, index: number, hasMore: boolean, body: string): AnswerEvent | undefined {
    if (begin !== this.#begin) {
      this.#begin = begin;
      this.#index = -1;
      this.#pieces = "";
    }
    if (index <= this.#index) return undefined;
    this.#index = index;
    const json = this.#join(body, hasMore);
    return json === undefined ? undefined : { kind: "chunk", begin, index, json };
  }

  #join(body: string, hasMore: boolean): string | undefined {
    const text = this.#pieces + body;
    this.#pieces = hasMore ? text : "";
    return hasMore ? undefined : text;
  }
}

function eventOf(kind: string, body: string): AnswerEvent | undefined {
  if (kind !== "begin" && kind !== "end" && kind !== "stop" && kind !== "drop") return undefined;
  // Whatever stands there was written by a program of one's own, or by somebody who may write there.
  const { answer, expiresAt, reason, from } = parseObject(body);
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

/** The object in a text of JSON; an empty one for any other text. */
export function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

import { invalidArgument } from "@s2-dev/streamstore-core";
import { show } from "@s2-dev/streamstore-core/transport";
import { type AnswerReason, chunkIn, reasonSaid } from "./answer-record.js";
import type { Continuation } from "./continuation.js";
import { fieldsOf, type UiChunk } from "./ui-types.js";

/**
 * Makes the texts that are stored and sent from what a source gives. An answer's message has an id from its first chunk
 * on, so that every reader knows it by the same one, also where its source sends data first, or no `start` at all.
 */
export class ChunkShaper {
  readonly #answer: string;
  readonly #continuation: Continuation | undefined;
  #hasStarted: boolean;
  /** Whether the message was named before its source could. */
  #isNamed = false;
  #ended: AnswerReason | undefined;

  constructor(answer: string, continuation?: Continuation) {
    this.#answer = answer;
    this.#continuation = continuation;
    this.#hasStarted = continuation?.hasStarted === true;
  }

  /** How it has ended, if the source has said so by itself. */
  get ended(): AnswerReason | undefined {
    return this.#ended;
  }

  /**
   * What becomes of one chunk; its JSON stays as it is where nothing has to be changed.
   * @throws S2Error `INVALID_ARGUMENT` for what is no chunk.
   */
  shape(chunk: UiChunk, json?: string): string[] {
    this.#ended = reasonSaid(this.#ended, chunk);
    const named = this.#named(chunk, json === undefined);
    const shaped =
      this.#continuation === undefined
        ? named
        : named.flatMap((each) => this.#continuation?.shape(each) ?? []);
    return shaped.map((each) => (each === chunk && json !== undefined ? json : JSON.stringify(each)));
  }

  /** The same for the data of an event that another response sends, too. */
  shapeJson(json: string): string[] {
    const chunk = chunkIn(json);
    if (chunk === undefined) throw noChunk(json);
    return this.shape(chunk, json);
  }

  #named(chunk: UiChunk, isOurs: boolean): UiChunk[] {
    if (chunk.type !== "start") {
      if (this.#hasStarted || this.#ended !== undefined) return [chunk];
      this.#hasStarted = true;
      this.#isNamed = true;
      return [startOf(this.#answer), chunk];
    }
    const { messageId, ...rest } = fieldsOf(chunk);
    const isNamed = typeof messageId === "string" && messageId !== "";
    // Pages have the message under this id already; where another response names it, so do readers.
    if (this.#isNamed) return [isNamed && isOurs ? (rest as unknown as UiChunk) : chunk];
    this.#hasStarted = true;
    return [isNamed ? chunk : ({ ...chunk, messageId: this.#answer } as UiChunk)];
  }
}

/** The chunk at which a message of this id begins. */
export function startOf(messageId: string): UiChunk {
  return { type: "start", messageId } as UiChunk;
}

/** Throws `INVALID_ARGUMENT` unless a source has given a chunk. */
export function checkChunk(value: unknown): asserts value is UiChunk {
  if (typeof value === "object" && value !== null && typeof (value as UiChunk).type === "string") return;
  throw noChunk(value);
}

function noChunk(value: unknown): Error {
  return invalidArgument(`a chunk of an answer must be an object with a type; got ${show(value)}`);
}

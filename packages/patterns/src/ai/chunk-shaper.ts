import { parseObject } from "./answer-record.js";
import type { Continuation } from "./continuation.js";
import { isTerminal, type UiChunk } from "./ui-types.js";

/**
 * Makes the texts that are stored and sent from what a source gives. An answer's message has an id from its first chunk
 * on, so that every reader knows it by the same one.
 */
export class ChunkShaper {
  readonly #answer: string;
  readonly #continuation: Continuation | undefined;
  #hasEnded = false;

  constructor(answer: string, continuation?: Continuation) {
    this.#answer = answer;
    this.#continuation = continuation;
  }

  /** Whether the source has said by itself how it ended. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** `piece` is a chunk, or its JSON. */
  shape(piece: string | UiChunk): string[] {
    const chunk = typeof piece === "string" ? (parseObject(piece) as unknown as UiChunk) : piece;
    if (isTerminal(chunk)) this.#hasEnded = true;
    const isNamed = chunk.type !== "start" || "messageId" in chunk;
    const named = isNamed ? chunk : { ...(chunk as UiChunk), messageId: this.#answer };
    if (this.#continuation !== undefined) {
      return this.#continuation.shape(named).map((shaped) => JSON.stringify(shaped));
    }
    return [isNamed && typeof piece === "string" ? piece : JSON.stringify(named)];
  }
}

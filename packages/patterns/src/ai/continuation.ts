import { fieldsOf, type UiChunk } from "./ui-types.js";

/** Where an answer was broken off, as its chunks tell it. */
interface OpenParts {
  /** Ids of the texts that were not ended, and of the reasonings. */
  readonly texts: Set<unknown>;
  readonly reasonings: Set<unknown>;
  hasStarted: boolean;
  hasStep: boolean;
}

/**
 * Joins the chunks of a second producer to those of the first. The text that was broken off goes on with the first text
 * that comes, in the same part of the message; what else was open is ended before anything follows.
 */
export class Continuation {
  readonly #open: OpenParts;
  /** The id under which the open text is continued, once it is. */
  #joined: { readonly from: unknown; readonly to: unknown } | undefined;
  #isAtStart = true;

  constructor(before: readonly UiChunk[]) {
    this.#open = openPartsOf(before);
  }

  /** Whether what is there has a beginning. */
  get hasStarted(): boolean {
    return this.#open.hasStarted;
  }

  shape(chunk: UiChunk): UiChunk[] {
    const { type } = chunk;
    if (type === "start" && this.#open.hasStarted) return [];
    if (!this.#isAtStart) return this.#rename(chunk);
    // The step that was broken off goes on, and with it its text.
    if (type === "start-step" && this.#open.hasStep) return [];
    if (type === "start" || type === "message-metadata" || type.startsWith("data-")) return [chunk];
    this.#isAtStart = false;
    const text = [...this.#open.texts].pop();
    if (type !== "text-start" || text === undefined) return [...this.#endings(undefined), chunk];
    this.#joined = { from: fieldsOf(chunk).id, to: text };
    return this.#endings(text);
  }

  #rename(chunk: UiChunk): UiChunk[] {
    const joined = this.#joined;
    const { id } = fieldsOf(chunk);
    if (joined === undefined || id !== joined.from || !chunk.type.startsWith("text-")) return [chunk];
    // An id may be used anew once its text has ended.
    if (chunk.type === "text-end") this.#joined = undefined;
    return [{ ...chunk, id: joined.to } as UiChunk];
  }

  #endings(except: unknown): UiChunk[] {
    const { texts, reasonings } = this.#open;
    return [
      ...[...reasonings].map((id) => ({ type: "reasoning-end", id })),
      ...[...texts].filter((id) => id !== except).map((id) => ({ type: "text-end", id })),
    ];
  }
}

function openPartsOf(chunks: readonly UiChunk[]): OpenParts {
  const open: OpenParts = { texts: new Set(), reasonings: new Set(), hasStarted: false, hasStep: false };
  for (const chunk of chunks) {
    const { id } = fieldsOf(chunk);
    if (chunk.type === "start") open.hasStarted = true;
    else if (chunk.type === "start-step") open.hasStep = true;
    else if (chunk.type === "finish-step") open.hasStep = false;
    else if (chunk.type === "text-start") open.texts.add(id);
    else if (chunk.type === "text-end") open.texts.delete(id);
    else if (chunk.type === "reasoning-start") open.reasonings.add(id);
    else if (chunk.type === "reasoning-end") open.reasonings.delete(id);
  }
  return open;
}

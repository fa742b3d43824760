import { AppendRecord, type S2Stream, SeqNumMismatchError } from "@s2-dev/streamstore";
import type { ResumePosition, TypedMessage, TypedReadSession } from "@s2-dev/streamstore-patterns/typed";
import * as Y from "yjs";
import { type Messages, messagesOf, SNAPSHOT, UPDATE } from "./messages.js";

type Message = TypedMessage<Uint8Array>;
type Writer = Awaited<ReturnType<Messages["appendSession"]>>;
type Reader = TypedReadSession<Message>;

/**
 * A Yjs document whose updates lie on a stream. Connected, it follows what others write and sends what is edited here;
 * between `disconnect` and `connect` edits are kept, and merged when it is back.
 *
 * Updates may arrive twice or in any order: Yjs makes the same document of them. So a retry needs no care, and an update
 * that is not known to be durable is simply sent again.
 */
export class SharedDocument implements AsyncDisposable {
  readonly doc = new Y.Doc();
  readonly #stream: S2Stream;
  readonly #messages: Messages;
  /** Edits of this side that are not known to be durable. */
  readonly #unsent = new Set<Uint8Array>();
  #resume: ResumePosition | undefined;
  /** Everything before this sequence number is in the document. */
  #known = 0;
  #messagesRead = 0;
  #writer: Writer | undefined;
  #reader: Reader | undefined;
  #following: Promise<void> = Promise.resolve();
  readonly #waiting = new Set<{ readonly seqNum: number; readonly done: () => void }>();

  /** The stream must exist. `client` tells writers apart; each has a number of its own. */
  constructor(stream: S2Stream, client?: number) {
    this.#stream = stream;
    this.#messages = messagesOf(stream);
    if (client !== undefined) this.doc.clientID = client;
    this.doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin === this) return;
      this.#unsent.add(update);
      if (this.#writer !== undefined) this.#send(this.#writer, update);
    });
  }

  /** Messages that were received, to see what a snapshot saves. */
  get messagesRead(): number {
    return this.#messagesRead;
  }

  /** Edits that are kept until they are durable. */
  get unsent(): number {
    return this.#unsent.size;
  }

  /** Takes up what happened meanwhile, then follows live, and sends what was edited meanwhile as one update. */
  async connect(): Promise<void> {
    if (this.#writer !== undefined) return;
    for (;;) {
      const messages = await this.#messages.read(this.#start());
      if (messages.length === 0) break;
      for (const message of messages) this.#apply(message);
    }
    this.#reader = await this.#messages.readSession(this.#start());
    this.#following = this.#follow(this.#reader);
    this.#writer = await this.#messages.appendSession();
    if (this.#unsent.size > 0) {
      const merged = Y.mergeUpdates([...this.#unsent]);
      this.#unsent.clear();
      this.#unsent.add(merged);
      this.#send(this.#writer, merged);
    }
  }

  /** Goes offline, when what was sent is durable. */
  async disconnect(): Promise<void> {
    const [writer, reader] = [this.#writer, this.#reader];
    this.#writer = undefined;
    this.#reader = undefined;
    // What could not be sent is kept, and is sent when it is connected again.
    await writer?.close().catch(() => {});
    await reader?.cancel();
    await this.#following;
  }

  /** Resolves when everything edited here is durable, with the sequence number behind it. */
  async flush(): Promise<number> {
    await this.#writer?.flush();
    return (await this.#stream.checkTail()).tail.seq_num;
  }

  /** Resolves when everything before a sequence number is in the document. */
  reached(seqNum: number): Promise<void> {
    if (this.#known >= seqNum) return Promise.resolve();
    return new Promise((done) => this.#waiting.add({ seqNum, done }));
  }

  /**
   * Appends the whole document as a snapshot and trims what is before it. The snapshot demands the place directly behind
   * what this side has read: if somebody else was faster it is not written, since their update would be trimmed unread.
   * Gives whether it was written.
   */
  async compact(): Promise<boolean> {
    try {
      const { start } = await this.#messages.append(
        Y.encodeStateAsUpdate(this.doc),
        { type: SNAPSHOT },
        { match_seq_num: this.#known },
      );
      await this.#stream.append(AppendRecord.trim(start));
      return true;
    } catch (error) {
      if (error instanceof SeqNumMismatchError) return false;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.disconnect();
    this.doc.destroy();
  }

  #start(): { resume: ResumePosition } | { seq_num: number } {
    return this.#resume === undefined ? { seq_num: 0 } : { resume: this.#resume };
  }

  #send(writer: Writer, update: Uint8Array): void {
    writer.submit(update, { type: UPDATE }).then(
      () => this.#unsent.delete(update),
      () => {}, // It stays among the unsent.
    );
  }

  async #follow(reader: Reader): Promise<void> {
    for await (const message of reader) this.#apply(message);
  }

  #apply({ value, resume, end }: Message): void {
    Y.applyUpdate(this.doc, value, this);
    this.#messagesRead += 1;
    this.#resume = resume;
    this.#known = end;
    for (const waiter of this.#waiting) {
      if (waiter.seqNum > end) continue;
      this.#waiting.delete(waiter);
      waiter.done();
    }
  }
}

import { Fifo } from "@s2-dev/streamstore-core/transport";

/**
 * Servers on the Rust crate h2 (0.4.16 and later), s2-lite among them, end a connection with ENHANCE_YOUR_CALM once the
 * frames on it that they have not read yet are short of this many bytes by more than half its window, together. What was
 * on its way is then sent again, and can be there twice.
 */
const SMALL_BYTES = 256;
/** With one more for each of a hundred links, and none below eight bytes, within half of s2-lite's window of 1 MiB. */
const MOST_UNREAD = 2000;

/** What the append links of one connection have in common. */
interface Shared {
  unread: number;
}

const byConnection = new WeakMap<object, Shared>();

/** The small frames of one link that the peer may not have read, counted with those of the connection's other links. */
export interface SmallFrames {
  /** Whether so many bytes may go. Always if they are not small, or none of this link is unread: each link moves on. */
  hasRoom(bytes: number): boolean;
  /** Bytes were written, all at once, after so many batches. */
  wrote(bytes: number, before: number): void;
  /** The peer has answered so many batches, and so has read what they came in. */
  answered(batches: number): void;
  /** The link is over. */
  clear(): void;
}

export function createSmallFrames(connection: object | undefined): SmallFrames {
  return new LinkFrames(sharedBy(connection));
}

class LinkFrames implements SmallFrames {
  readonly #shared: Shared;
  /** For each that is unread, how many batches went before it. */
  readonly #before = new Fifo<number>();

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  hasRoom(bytes: number): boolean {
    return bytes >= SMALL_BYTES || this.#before.length === 0 || this.#shared.unread < MOST_UNREAD;
  }

  wrote(bytes: number, before: number): void {
    if (bytes >= SMALL_BYTES) return;
    this.#before.push(before);
    this.#shared.unread += 1;
  }

  answered(batches: number): void {
    for (let before = this.#before.peek(); before !== undefined; before = this.#before.peek()) {
      if (before >= batches) return;
      this.#before.shift();
      this.#shared.unread -= 1;
    }
  }

  clear(): void {
    this.#shared.unread -= this.#before.length;
    this.#before.clear();
  }
}

/** A stream that does not say on which connection it is counts alone. */
function sharedBy(connection: object | undefined): Shared {
  const known = connection && byConnection.get(connection);
  if (known !== undefined) return known;
  const shared = { unread: 0 };
  if (connection !== undefined) byConnection.set(connection, shared);
  return shared;
}

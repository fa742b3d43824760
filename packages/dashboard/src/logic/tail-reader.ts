import type { StreamPosition } from "@s2-dev/streamstore";
import type { Start } from "./address.js";
import type { PageRecord } from "./body-view.js";
import type { RateMeter } from "./rate-meter.js";
import type { RecordFilter } from "./record-filter.js";
import type { RecordWindow } from "./record-window.js";

/** What a stream gives to a reader. */
export interface PageBatch {
  readonly records: readonly PageRecord[];
  readonly tail?: StreamPosition | undefined;
}

/** An open read of a stream, pulled batch by batch. */
export interface BatchFeed {
  /** `null` at its end. */
  next(): Promise<PageBatch | null>;
  close(): void;
}

/** Where records come from. */
export interface RecordSource {
  open(start: Start): Promise<BatchFeed>;
  /** At most so many records from this sequence number on, without waiting for any. */
  read(seqNum: number, count: number): Promise<readonly PageRecord[]>;
}

/**
 * `reading`: records are shown as they come. `paused`: the user asked for it; nothing is pulled, so nothing is lost.
 * `held`: the window is full and the view is elsewhere; reading goes on when the view is at the end again.
 */
export type ReaderPhase = "opening" | "reading" | "paused" | "held" | "failed" | "ended";

export interface TailReaderOptions {
  readonly source: RecordSource;
  readonly window: RecordWindow<PageRecord>;
  readonly meter: RateMeter;
  /** Told of every change, at most once a batch. */
  readonly changed: () => void;
  /** Lets others run, if it is time for that. */
  readonly breathe: () => Promise<void> | undefined;
}

/** What a paused reader still takes, so that there is something to look at. */
const PAUSED_RECORDS = 200;
const OLDER_RECORDS = 1000;
/** What is read backwards for one call of `older` while a filter finds too little. */
const OLDER_SCANS = 20;
const OLDER_ENOUGH = 50;

/** Follows one stream into a window of records, with a filter, and can be paused without losing its place. */
export class TailReader {
  phase: ReaderPhase = "opening";
  error: unknown;
  /** Records that have come since the start, shown or not. */
  received = 0;
  /** Sequence number of the next record to come; `undefined` before the first. */
  nextSeq: number | undefined;
  /** The stream's tail, as last told. */
  tail: StreamPosition | undefined;
  /** Records missing between those that came: always 0, unless something is wrong. */
  missing = 0;
  hasOlder = true;

  readonly #options: TailReaderOptions;
  #filter: RecordFilter | undefined;
  #feed: BatchFeed | undefined;
  /** Which start is in force: what belongs to an earlier one is thrown away. */
  #generation = 0;
  #isPaused = false;
  #isPinned = true;
  /** Sequence number from which on the window has everything that passes the filter. */
  #floor: number | undefined;
  /** Whether the feed is ahead of the window's end. */
  #hasCutEnd = false;
  #wake: (() => void) | undefined;
  #older: Promise<void> | undefined;

  constructor(options: TailReaderOptions) {
    this.#options = options;
  }

  /** Changes whenever reading begins anew: places from before mean nothing any more. */
  get epoch(): number {
    return this.#generation;
  }

  get isPinned(): boolean {
    return this.#isPinned;
  }

  /** Sequence number from which on the window has everything that passes the filter. */
  get floor(): number | undefined {
    return this.#floor;
  }

  /** Records between what has come and the tail; `undefined` while nothing is known. */
  get behind(): number | undefined {
    if (this.tail === undefined) return undefined;
    return Math.max(0, this.tail.seq_num - (this.nextSeq ?? this.tail.seq_num));
  }

  /** Begins anew at this place. The view is at the end for `tail`, else at the start. */
  start(start: Start): void {
    this.#isPinned = start.kind === "tail";
    this.#restart(start);
  }

  /** Shows only what passes, beginning with what the window covers; `undefined` shows everything. */
  setFilter(filter: RecordFilter | undefined): void {
    if (filter === this.#filter) return;
    this.#filter = filter;
    if (this.#floor !== undefined) this.#restart({ kind: "seq", seq: this.#floor });
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#moveOn();
  }

  /** Whether the view is at the end, and moves with it. Elsewhere, nothing that it may show is let go. */
  setPinned(isPinned: boolean): void {
    if (isPinned === this.#isPinned) return;
    this.#isPinned = isPinned;
    if (isPinned && !this.#isPaused) this.#cut();
    this.#moveOn();
  }

  /** Reads what comes before the window's first record. What fails is not tried again by itself. */
  older(): Promise<void> {
    this.#older ??= this.#readOlder()
      .catch((error: unknown) => {
        this.hasOlder = false;
        throw error;
      })
      .finally(() => {
        this.#older = undefined;
      });
    return this.#older;
  }

  stop(): void {
    this.#generation += 1;
    this.#feed?.close();
    this.#feed = undefined;
    this.#wake?.();
  }

  #restart(start: Start): void {
    this.stop();
    this.#options.window.clear();
    this.received = 0;
    this.nextSeq = undefined;
    this.missing = 0;
    this.tail = undefined;
    this.error = undefined;
    this.#floor = start.kind === "seq" ? start.seq : undefined;
    this.hasOlder = true;
    this.#enter("opening");
    void this.#run(start, this.#generation);
  }

  async #run(start: Start, generation: number): Promise<void> {
    const isStale = (): boolean => generation !== this.#generation;
    try {
      let feed = await this.#openFeed(start, isStale);
      for (;;) {
        await this.#whileHalted(isStale);
        if (isStale() || feed === undefined) return;
        const batch = await feed.next();
        // A batch that was under way when the reader was halted waits with it.
        await this.#whileHalted(isStale);
        if (isStale()) return;
        if (this.#hasCutEnd) {
          feed.close();
          feed = await this.#openFeed({ kind: "seq", seq: this.nextSeq ?? 0 }, isStale);
          continue;
        }
        if (batch === null) return this.#enter("ended");
        this.#take(batch);
        await this.#options.breathe();
      }
    } catch (error) {
      if (isStale()) return;
      this.error = error;
      this.#feed?.close();
      this.#enter("failed");
    }
  }

  /** `undefined` when something else was begun meanwhile. */
  async #openFeed(start: Start, isStale: () => boolean): Promise<BatchFeed | undefined> {
    this.#hasCutEnd = false;
    const feed = await this.#options.source.open(start);
    if (isStale()) {
      feed.close();
      return undefined;
    }
    this.#feed = feed;
    this.#moveOn();
    return feed;
  }

  async #whileHalted(isStale: () => boolean): Promise<void> {
    while (!isStale() && this.#halted() !== undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Why nothing is pulled. */
  #halted(): "paused" | "held" | undefined {
    const { window } = this.#options;
    if (this.#isPaused && (window.length >= PAUSED_RECORDS || this.behind === 0)) return "paused";
    return !this.#isPinned && window.isFull ? "held" : undefined;
  }

  #moveOn(): void {
    if (this.#feed !== undefined && this.phase !== "failed" && this.phase !== "ended") {
      this.#enter(this.#halted() ?? "reading");
    }
    this.#wake?.();
    this.#wake = undefined;
  }

  #take({ records, tail }: PageBatch): void {
    const { window, meter } = this.#options;
    const [first, last] = [records[0], records.at(-1)];
    if (first !== undefined && last !== undefined) {
      if (this.nextSeq !== undefined) this.missing += Math.max(0, first.seq_num - this.nextSeq);
      this.#reach(first.seq_num);
      this.nextSeq = last.seq_num + 1;
      this.received += records.length;
      let bytes = 0;
      for (const record of records) bytes += record.body.length;
      meter.add(records.length, bytes);
      const filter = this.#filter;
      window.push(filter === undefined ? records : records.filter(filter), false);
      if (this.#isPinned) this.#cut();
    }
    if (tail !== undefined) {
      this.tail = tail;
      this.nextSeq ??= tail.seq_num;
      this.#reach(tail.seq_num);
    }
    this.#enter(this.#halted() ?? "reading");
  }

  /** A start beyond the tail has become one at the tail, and one relative to it has got its number. */
  #reach(seqNum: number): void {
    this.#floor = Math.min(this.#floor ?? seqNum, seqNum);
  }

  #cut(): void {
    const { window } = this.#options;
    const before = window.firstOrdinal;
    window.cut();
    if (window.firstOrdinal === before) return;
    this.#floor = window.first?.seq_num ?? this.#floor;
    this.hasOlder = true;
  }

  async #readOlder(): Promise<void> {
    const generation = this.#generation;
    const filter = this.#filter;
    let found = 0;
    for (let scan = 0; scan < OLDER_SCANS && found < OLDER_ENOUGH; scan++) {
      const floor = this.#floor;
      if (floor === undefined || !this.hasOlder) return;
      const from = Math.max(0, floor - OLDER_RECORDS);
      const read = floor === 0 ? [] : await this.#options.source.read(from, floor - from);
      if (generation !== this.#generation || floor !== this.#floor) return;
      // Behind a trim point reading begins later than asked.
      const records = read.filter((record) => record.seq_num < floor);
      this.hasOlder = from > 0 && records[0]?.seq_num === from;
      this.#floor = records[0]?.seq_num ?? floor;
      const shown = filter === undefined ? records : records.filter(filter);
      if (this.#options.window.prepend(shown)) this.#continueFromEnd();
      found += shown.length;
      this.#options.changed();
    }
  }

  /** The window has let go of its last records: reading goes on there, when it does. */
  #continueFromEnd(): void {
    const { last } = this.#options.window;
    if (last === undefined) return;
    this.nextSeq = last.seq_num + 1;
    this.#hasCutEnd = true;
    this.#moveOn();
  }

  #enter(phase: ReaderPhase): void {
    this.phase = phase;
    this.#options.changed();
  }
}

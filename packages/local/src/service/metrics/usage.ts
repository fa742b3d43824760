import type { OperationName } from "@s2-dev/streamstore-core/operations";
import type { ServiceClock } from "../clock.js";
import { Accumulation, Gauge } from "./series.js";

/** Basins, and streams of a basin, of which figures are kept when they are gone. */
const MAX_BASINS = 10_000;
const MAX_STREAMS = 10_000;
/** Storage classes that are told apart. */
const MAX_CLASSES = 16;
const OTHER_CLASSES = "other";
/** Times at which a basin got its first stream or lost its last, of which the newest are kept. */
const MAX_SPANS = 1_000;

/** What happened in a basin. */
export class BasinUsage {
  readonly operations = new Map<OperationName, Accumulation>();
  /** By storage class. */
  readonly appendOps = new Map<string, Accumulation>();
  readonly appendedBytes = new Map<string, Accumulation>();
  readonly unaryReads = new Accumulation();
  readonly streamingReads = new Accumulation();
  readonly readBytes = new Accumulation();
  readonly storage = new Gauge();
  readonly streams = new Map<string, Gauge>();
  /** When the basin had streams, in milliseconds since the epoch; the last may still go on. */
  readonly spans: { readonly from: number; to: number }[] = [];

  /** Whether there are streams. */
  get isActive(): boolean {
    return this.spans.at(-1)?.to === Number.POSITIVE_INFINITY;
  }

  began(now: number): void {
    if (this.isActive) return;
    this.spans.push({ from: now, to: Number.POSITIVE_INFINITY });
    if (this.spans.length > MAX_SPANS) this.spans.shift();
  }

  ended(now: number): void {
    const last = this.spans.at(-1);
    if (last !== undefined && last.to > now) last.to = now;
  }
}

/**
 * Counts what the service does, for its metrics. Memory is bounded: each series has an end, and beyond a number only
 * what still exists is kept.
 */
export class Usage {
  readonly accountOperations = new Map<OperationName, Accumulation>();
  readonly basins = new Map<string, BasinUsage>();

  constructor(private readonly clock: ServiceClock) {}

  accountOperation(operation: OperationName): void {
    entry(this.accountOperations, operation, newAccumulation).add(this.clock.epoch(), 1);
  }

  basinOperation(basin: string, operation: OperationName): void {
    entry(this.#basin(basin).operations, operation, newAccumulation).add(this.clock.epoch(), 1);
  }

  /** A stream exists from now on. */
  streamCreated(basin: string): void {
    this.#basin(basin).began(this.clock.epoch());
  }

  /** A stream is gone; perhaps the basin's last. */
  streamGone(basin: string, stream: string, isLast: boolean): void {
    this.stored(basin, stream, 0);
    const usage = this.#basin(basin);
    if (usage.streams.size > MAX_STREAMS) usage.streams.delete(stream);
    if (isLast) usage.ended(this.clock.epoch());
  }

  /** Metered bytes were appended. */
  appended(basin: string, storageClass: string, bytes: number): void {
    const series = classEntry(this.#basin(basin).appendedBytes, storageClass);
    series.add(this.clock.epoch(), bytes);
  }

  /** A stream holds so many metered bytes from now on. */
  stored(basin: string, stream: string, bytes: number): void {
    const usage = this.#basin(basin);
    const gauge = entry(usage.streams, stream, newGauge);
    const change = bytes - gauge.value;
    if (change === 0) return;
    const now = this.clock.epoch();
    gauge.set(now, bytes);
    usage.storage.set(now, usage.storage.value + change);
  }

  /** Counts a minute of appends to a stream over one connection, however many there are. */
  appends(basin: string, stream: string, storageClass: string, connection: object): () => void {
    const series = classEntry(this.#basin(basin).appendOps, storageClass);
    return this.#minutely(`append\0${basin}\0${stream}`, connection, series);
  }

  unaryRead(basin: string, bytes: number): void {
    const usage = this.#basin(basin);
    const now = this.clock.epoch();
    usage.unaryReads.add(now, 1);
    usage.readBytes.add(now, bytes);
  }

  /** Counts a minute of a streaming read over one connection; each call tells of metered bytes that went out. */
  streamingRead(basin: string, stream: string, connection: object): (bytes: number) => void {
    const usage = this.#basin(basin);
    const touch = this.#minutely(`read\0${basin}\0${stream}`, connection, usage.streamingReads);
    return (bytes) => {
      touch();
      if (bytes > 0) usage.readBytes.add(this.clock.epoch(), bytes);
    };
  }

  /** The last minute that was counted, by connection and what is done over it. */
  readonly #minutes = new WeakMap<object, Map<string, number>>();

  #minutely(key: string, connection: object, series: Accumulation): () => void {
    let minutes = this.#minutes.get(connection);
    if (minutes === undefined) {
      minutes = new Map();
      this.#minutes.set(connection, minutes);
    }
    const counted = minutes;
    return () => {
      const now = this.clock.epoch();
      const minute = Math.floor(now / 60_000);
      if (counted.get(key) === minute) return;
      if (counted.size > MAX_STREAMS) counted.clear();
      counted.set(key, minute);
      series.add(now, 1);
    };
  }

  #basin(name: string): BasinUsage {
    return entry(this.basins, name, () => {
      if (this.basins.size >= MAX_BASINS) this.#forgetOne();
      return new BasinUsage();
    });
  }

  /** Lets go of the basin that was first heard of, among those without streams. */
  #forgetOne(): void {
    for (const [name, usage] of this.basins) {
      if (usage.isActive) continue;
      this.basins.delete(name);
      return;
    }
  }
}

const newAccumulation = (): Accumulation => new Accumulation();
const newGauge = (): Gauge => new Gauge();

/** The value of a key, made when it is missing. */
function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

/** Storage classes are free text: those that are too many are counted together. */
function classEntry(map: Map<string, Accumulation>, storageClass: string): Accumulation {
  const isKnown = map.size < MAX_CLASSES || map.has(storageClass);
  return entry(map, isKnown ? storageClass : OTHER_CLASSES, newAccumulation);
}

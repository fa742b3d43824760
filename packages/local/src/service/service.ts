import type { Clock } from "@s2-dev/streamstore-core/transport";
import type { Storage } from "../storage/storage.js";
import { Admission } from "./admission.js";
import { type Basins, createBasins } from "./basins.js";
import { createServiceClock, type ServiceClock } from "./clock.js";
import type { ServiceContext } from "./context.js";
import { createJanitor, type Janitor } from "./janitor.js";
import { KeyedLock } from "./keyed-lock.js";
import { LiveStreams } from "./live-streams.js";
import { createRecords, type Records } from "./records.js";
import type { BasinRow, StreamRow } from "./rows.js";
import { createStreams, type Streams } from "./streams.js";

/** Bytes of appends that may be in flight over all streams, before they are durable. */
const DEFAULT_INFLIGHT_BYTES = 128 * 1024 * 1024;
const MIN_INFLIGHT_BYTES = 1024 * 1024;

export interface ServiceOptions {
  readonly storage: Storage<BasinRow, StreamRow>;
  /** Default: the runtime's. */
  readonly clock?: Clock | ServiceClock | undefined;
  /** From 0 to 1, 1 excluded. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Default 128 MiB, at least 1 MiB. */
  readonly appendInflightBytes?: number | undefined;
  /** Milliseconds from a stream's deletion until its name is free again. Default 0: before the answer. */
  readonly deletionMs?: number | undefined;
}

/** The rules of S2, without a wire: what the HTTP handlers call. */
export interface Service {
  readonly basins: Basins;
  readonly streams: Streams;
  readonly records: Records;
  readonly janitor: Janitor;
  /** The streams in use. */
  readonly live: LiveStreams;
  readonly clock: ServiceClock;
  /** Ends every session and closes the storage. */
  close(): Promise<void>;
}

/** Starts the service on a storage. */
export async function createService(options: ServiceOptions): Promise<Service> {
  const { storage } = options;
  const clock = createServiceClock(options.clock);
  const inflightBytes = Math.max(options.appendInflightBytes ?? DEFAULT_INFLIGHT_BYTES, MIN_INFLIGHT_BYTES);
  const context: ServiceContext = {
    storage,
    clock,
    random: options.random ?? Math.random,
    basinLock: new KeyedLock(),
    streamLock: new KeyedLock(),
    live: new LiveStreams(storage, clock, (stream) => janitor.trimmed(stream)),
    admission: new Admission(inflightBytes),
  };
  const janitor: Janitor = createJanitor(context, () => streams);
  const streams: Streams = createStreams(
    context,
    { onSettings: janitor.settingsChanged, onGone: janitor.streamGone },
    options.deletionMs ?? 0,
  );
  await janitor.start();
  return {
    basins: createBasins(context, janitor.basinDeleted),
    streams,
    records: createRecords(context, streams),
    janitor,
    live: context.live,
    clock,
    async close() {
      janitor.stop();
      for (const stream of context.live.all()) stream.leave();
      await storage.close();
    },
  };
}

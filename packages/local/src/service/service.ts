import type { LocationInfo } from "@s2-dev/streamstore-core";
import type { Clock } from "@s2-dev/streamstore-core/transport";
import type { Storage } from "../storage/storage.js";
import { type AccessTokens, createAccessTokens, type TokenRow } from "./access/access-tokens.js";
import { Admission } from "./admission.js";
import { type Basins, createBasins } from "./basins.js";
import { createServiceClock, type ServiceClock } from "./clock.js";
import type { ServiceContext } from "./context.js";
import { createJanitor, type Janitor } from "./janitor.js";
import { KeyedLock } from "./keyed-lock.js";
import type { StreamObserver } from "./live-stream.js";
import { LiveStreams } from "./live-streams.js";
import { type AccountRow, createLocations, DEFAULT_LOCATIONS, type Locations } from "./locations.js";
import { createMetrics, type Metrics } from "./metrics/metrics.js";
import { Usage } from "./metrics/usage.js";
import { createRecords, type Records } from "./records.js";
import type { BasinRow, StreamRow } from "./rows.js";
import { createStreams, type RemovableStreams, type Streams } from "./streams.js";

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
  /** Where basins can be; the first is the default until another is chosen. */
  readonly locations?: readonly LocationInfo[] | undefined;
}

/** What a caller of the service can do; who it is decides how much of it. */
export interface ServiceView {
  readonly basins: Basins;
  readonly streams: Streams;
  readonly records: Records;
  readonly accessTokens: AccessTokens;
  readonly locations: Locations;
  readonly metrics: Metrics;
}

/** The rules of S2, without a wire: what the HTTP handlers call. */
export interface Service extends ServiceView {
  readonly janitor: Janitor;
  /** The streams in use. */
  readonly live: LiveStreams;
  /** Counts what is done. */
  readonly usage: Usage;
  readonly clock: ServiceClock;
  /** Ends every session and closes the storage. */
  close(): Promise<void>;
}

/** Starts the service on a storage. */
export async function createService(options: ServiceOptions): Promise<Service> {
  const { storage } = options;
  const clock = createServiceClock(options.clock);
  const inflightBytes = Math.max(options.appendInflightBytes ?? DEFAULT_INFLIGHT_BYTES, MIN_INFLIGHT_BYTES);
  const usage = new Usage(clock);
  const observer: StreamObserver = {
    appended({ basin, name, settings, log }, bytes) {
      usage.appended(basin, settings.storageClass, bytes);
      usage.stored(basin, name, log.storedBytes);
    },
    trimmed(stream) {
      usage.stored(stream.basin, stream.name, stream.log.storedBytes);
      janitor.trimmed(stream);
    },
  };
  const context: ServiceContext = {
    storage,
    clock,
    random: options.random ?? Math.random,
    basinLock: new KeyedLock(),
    streamLock: new KeyedLock(),
    live: new LiveStreams(storage, clock, observer),
    admission: new Admission(inflightBytes),
    usage,
  };
  const janitor: Janitor = createJanitor(context, () => streams);
  const streams: RemovableStreams = createStreams(
    context,
    {
      onSettings(basin, name, before, after) {
        if (before === undefined) usage.streamCreated(basin);
        janitor.settingsChanged(basin, name, before, after);
      },
      onGone(basin, name, isLast) {
        usage.streamGone(basin, name, isLast);
        janitor.streamGone(basin, name);
      },
    },
    options.deletionMs ?? 0,
  );
  const locations = createLocations(
    storage.table<AccountRow>("account"),
    options.locations ?? DEFAULT_LOCATIONS,
  );
  janitor.start();
  return {
    basins: createBasins(context, locations, janitor.basinDeleted),
    streams,
    records: createRecords(context, streams),
    accessTokens: createAccessTokens(storage.table<TokenRow>("access-tokens"), clock, new KeyedLock()),
    locations,
    metrics: createMetrics(usage, clock),
    janitor,
    live: context.live,
    usage,
    clock,
    async close() {
      janitor.stop();
      for (const stream of context.live.all()) stream.leave();
      await storage.close();
    },
  };
}

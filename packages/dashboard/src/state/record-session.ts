import { type Signal, signal } from "@preact/signals";
import type { S2Stream } from "@s2-dev/streamstore";
import type { PageRecord } from "../logic/body-view.js";
import { RateMeter } from "../logic/rate-meter.js";
import { RecordWindow } from "../logic/record-window.js";
import { TailReader } from "../logic/tail-reader.js";
import { createRecordSource } from "./record-source.js";

/** What a view holds: more is read again when somebody scrolls there. */
const LIMITS = { records: 100_000, bytes: 64 * 1024 * 1024 } as const;
/** Seconds of rates that are kept. */
const RATE_SECONDS = 120;
/** How long batches are taken in without letting the page draw, in milliseconds. */
const BURST_MS = 10;

/** A stream that is being read for the page. */
export interface RecordSession {
  readonly reader: TailReader;
  readonly window: RecordWindow<PageRecord>;
  readonly meter: RateMeter;
  /** Changes at most once a frame, when anything of the above has changed. */
  readonly version: Signal<number>;
  /** Sequence number of the record at the top of the view, if it shows any; set by what shows it. */
  topSeq: () => number | undefined;
  close(): void;
}

export function createRecordSession(stream: S2Stream): RecordSession {
  const version = signal(0);
  let isScheduled = false;
  let burstStart = performance.now();
  const window = new RecordWindow<PageRecord>(LIMITS);
  const meter = new RateMeter(RATE_SECONDS, Date.now);
  const reader = new TailReader({
    source: createRecordSource(stream),
    window,
    meter,
    changed() {
      if (isScheduled) return;
      isScheduled = true;
      requestAnimationFrame(() => {
        isScheduled = false;
        version.value += 1;
      });
    },
    breathe() {
      if (performance.now() - burstStart < BURST_MS) return undefined;
      return new Promise((resolve) =>
        setTimeout(() => {
          burstStart = performance.now();
          resolve();
        }),
      );
    },
  });
  return { reader, window, meter, version, topSeq: () => undefined, close: () => reader.stop() };
}

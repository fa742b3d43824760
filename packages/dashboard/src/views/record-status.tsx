import { useEffect, useState } from "preact/hooks";
import { quantity } from "../logic/metric-series.js";
import type { RecordSession } from "../state/record-session.js";

export interface RecordStatusProps {
  readonly session: RecordSession;
  readonly onLive: () => void;
}

const PHASES = {
  opening: "Opening",
  reading: "Reading",
  paused: "Paused",
  held: "Waiting for you",
  failed: "Failed",
  ended: "Ended",
} as const;
const EVERY_MS = 500;

/** Where the reader is, and how fast records come. */
export function RecordStatus({ session, onLive }: RecordStatusProps) {
  const { reader, window, meter, version } = session;
  version.value;
  useTick(EVERY_MS);
  const { received, behind, missing, phase, isPinned, nextSeq } = reader;
  const { records, bytes } = meter.last;
  const isLive = phase === "reading" && isPinned && behind === 0;
  return (
    <footer class="status">
      <output class={isLive ? "phase live" : `phase ${phase}`}>{isLive ? "Live" : PHASES[phase]}</output>
      <data value={received} title="Received">
        {received.toLocaleString("en-US")} received
      </data>
      <data value={nextSeq === undefined ? "" : nextSeq - 1} title="Last sequence number">
        {nextSeq === undefined || nextSeq === 0
          ? "no record yet"
          : `last #${(nextSeq - 1).toLocaleString("en-US")}`}
      </data>
      <data value={records} title="Records a second">
        {records.toLocaleString("en-US")}/s · {quantity(bytes, "bytes")}/s
      </data>
      <data value={window.length} title="Held">
        {window.length.toLocaleString("en-US")} held
      </data>
      {behind === undefined || behind === 0 ? null : (
        <data value={behind} title="Behind the tail">
          {behind.toLocaleString("en-US")} behind
        </data>
      )}
      {missing === 0 ? null : (
        <data class="wrong" value={missing} title="Missing">
          {missing.toLocaleString("en-US")} missing
        </data>
      )}
      <span class="spring" />
      {isPinned ? null : (
        <button type="button" class="quiet" onClick={onLive}>
          ↓ To the tail
        </button>
      )}
    </footer>
  );
}

/** Renders anew at this pace: rates fall when nothing comes. */
export function useTick(everyMs: number): number {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTick((was) => was + 1), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return tick;
}

import type { EncryptionKey, S2Stream } from "@s2-dev/streamstore";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Reading, Start } from "../logic/address.js";
import { parseFilter } from "../logic/record-filter.js";
import { client } from "./connection.js";
import { createRecordSession, type RecordSession } from "./record-session.js";

/** Records before an opened one that are shown with it. */
const CONTEXT = 10;

export interface StreamReading {
  readonly handle: S2Stream;
  readonly session: RecordSession | undefined;
  /** What is wrong with the filter. */
  readonly filterError: string | undefined;
}

/** Reads a stream as the address says, for as long as it is shown. */
export function useRecordSession(
  basin: string,
  stream: string,
  reading: Reading,
  encryptionKey: EncryptionKey | undefined,
): StreamReading {
  const of = client.value;
  const handle = useMemo(
    () => of.basin(basin).stream(stream, encryptionKey === undefined ? {} : { encryptionKey }),
    [of, basin, stream, encryptionKey],
  );
  const [session, setSession] = useState<RecordSession>();
  const parsed = useMemo(() => parseFilter(reading.filter), [reading.filter]);
  const filter = "filter" in parsed ? parsed.filter : undefined;
  const startText = JSON.stringify(reading.start);
  const started = useRef<string | undefined>(undefined);

  useEffect(() => {
    const created = createRecordSession(handle);
    created.reader.setFilter(filter);
    created.reader.setPaused(reading.paused);
    created.reader.start(firstStart(reading));
    started.current = startText;
    setSession(created);
    return () => created.close();
  }, [handle]);
  useEffect(() => {
    if (session === undefined || started.current === startText) return;
    started.current = startText;
    session.reader.start(reading.start);
  }, [startText]);
  useEffect(() => session?.reader.setFilter(filter), [session, filter]);
  useEffect(() => session?.reader.setPaused(reading.paused), [session, reading.paused]);

  return { handle, session, filterError: "error" in parsed ? parsed.error : undefined };
}

/** An address that opens a record leads to that record, wherever the tail is. */
function firstStart({ start, selected }: Reading): Start {
  if (selected === undefined || start.kind !== "tail") return start;
  return { kind: "seq", seq: Math.max(0, selected - CONTEXT) };
}

import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { BodyView } from "../logic/address.js";
import { kindOf, type PageRecord, previewOf } from "../logic/body-view.js";
import { quantity } from "../logic/metric-series.js";
import { isAtEnd, renderedRows, scrollFor, type Viewport } from "../logic/rows.js";
import { clockText } from "../logic/times.js";
import { errorText, notify } from "../state/notices.js";
import type { RecordSession } from "../state/record-session.js";
import { RecordStatus } from "./record-status.js";

/** Height of a row in pixels, as the style sheet has it. */
const ROW = 26;
/** How close to the top one must come for what is before to be read, in rows. */
const NEAR_TOP = 40;

export interface RecordListProps {
  readonly session: RecordSession;
  readonly view: BodyView;
  readonly selected: number | undefined;
  readonly isFiltered: boolean;
  readonly onSelect: (seqNum: number | undefined) => void;
  readonly onLive: () => void;
}

/**
 * The records that are held, of which only those in view are rendered. While the view is at the end it stays there;
 * elsewhere the rows in view stay where they are, whatever comes before or behind them.
 */
export function RecordList({ session, view, selected, isFiltered, onSelect, onLive }: RecordListProps) {
  const { reader, window, version } = session;
  version.value;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [scrolled, setScrolled] = useState({ top: 0, height: 0 });
  const anchor = useRef({ epoch: reader.epoch, firstOrdinal: window.firstOrdinal });

  /** Rows that the page has room for since it was last drawn. */
  const drawn = useRef(0);

  const count = window.length;
  const isNew = anchor.current.epoch !== reader.epoch;
  const shift = isNew ? 0 : (anchor.current.firstOrdinal - window.firstOrdinal) * ROW;
  const wanted = reader.isPinned ? count * ROW - scrolled.height : isNew ? 0 : scrolled.top + shift;
  const top = Math.max(0, wanted);
  const viewport: Viewport = { top, height: scrolled.height, rowHeight: ROW };
  const { from, to } = renderedRows(viewport, count);
  session.topSeq = () => window.at(Math.ceil(top / ROW))?.seq_num;

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    anchor.current = { epoch: reader.epoch, firstOrdinal: window.firstOrdinal };
    drawn.current = count;
    if (Math.abs(element.scrollTop - top) >= 1) element.scrollTop = top;
    if (element.scrollTop !== scrolled.top)
      setScrolled({ top: element.scrollTop, height: element.clientHeight });
    const isNearTop = top < NEAR_TOP * ROW && (!reader.isPinned || count * ROW < scrolled.height);
    if (isNearTop && !isFiltered && reader.hasOlder && reader.floor !== undefined) older(session);
  });

  useEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const measure = (): void => setScrolled({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  function onScroll(): void {
    const element = scroller.current;
    if (element === null) return;
    // Reading has begun anew since: what is drawn, and has moved, is of before.
    if (anchor.current.epoch !== reader.epoch) return;
    const { scrollTop, clientHeight } = element;
    // What has come since it was drawn is not below the end that one sees; where nothing can be scrolled, nobody did.
    if (drawn.current * ROW > clientHeight) {
      reader.setPinned(isAtEnd({ top: scrollTop, height: clientHeight, rowHeight: ROW }, drawn.current));
    }
    setScrolled({ top: scrollTop, height: clientHeight });
  }

  function select(index: number): void {
    const record = window.at(Math.max(0, Math.min(count - 1, index)));
    if (record === undefined) return;
    reader.setPinned(false);
    const target = scrollFor(viewport, window.indexOfSeq(record.seq_num));
    if (scroller.current !== null) scroller.current.scrollTop = target;
    setScrolled({ top: target, height: scrolled.height });
    onSelect(record.seq_num);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(scrolled.height / ROW) - 1);
    const known = selected === undefined ? -1 : window.indexOfSeq(selected);
    const current = known >= 0 && known < count ? known : undefined;
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      j: 1,
      ArrowUp: -1,
      k: -1,
      PageDown: page,
      PageUp: -page,
    };
    const step = steps[event.key];
    if (step !== undefined)
      select(current === undefined ? Math.floor((top + scrolled.height) / ROW) - 1 : current + step);
    else if (event.key === "Home") select(0);
    else if (event.key === "End") onLive();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  const rows = [];
  for (let index = from; index < to; index++) {
    const record = window.at(index);
    if (record === undefined) continue;
    rows.push(
      <Row
        // By its place on the page: at full speed every row is another record each frame, and making rows is dear.
        key={index - from}
        id={`${id}-${record.seq_num}`}
        record={record}
        view={view}
        isSelected={record.seq_num === selected}
        onSelect={onSelect}
      />,
    );
  }
  return (
    <section class="list" aria-label="Records">
      <div class="row head" aria-hidden="true">
        <span class="seq">#</span>
        <span class="time">Time</span>
        <span class="size">Size</span>
        <span class="body">Body</span>
      </div>
      <div
        ref={scroller}
        class="scroller"
        role="listbox"
        tabIndex={0}
        aria-label="Records"
        aria-activedescendant={selected === undefined ? undefined : `${id}-${selected}`}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
      >
        <div class="extent" style={{ height: `${count * ROW}px` }}>
          <div class="shown" style={{ transform: `translateY(${from * ROW}px)` }}>
            {rows}
          </div>
        </div>
        {count === 0 ? <p class="empty">{emptyText(session, isFiltered)}</p> : null}
      </div>
      {isFiltered && reader.hasOlder && reader.floor !== undefined && reader.floor > 0 ? (
        <button type="button" class="further" onClick={() => older(session)}>
          Look further back than #{reader.floor.toLocaleString("en-US")}
        </button>
      ) : null}
      <RecordStatus session={session} onLive={onLive} />
    </section>
  );
}

function older({ reader }: RecordSession): void {
  reader.older().catch((error: unknown) => notify(errorText(error), true));
}

function emptyText({ reader }: RecordSession, isFiltered: boolean): string {
  if (reader.phase === "opening") return "Opening…";
  if (reader.phase === "failed") return "Nothing could be read.";
  if (isFiltered && reader.received > 0) return "Nothing that has come passes the filter.";
  return "No records here yet. They are shown as they come.";
}

interface RowProps {
  readonly id: string;
  readonly record: PageRecord;
  readonly view: BodyView;
  readonly isSelected: boolean;
  readonly onSelect: (seqNum: number) => void;
}

function Row({ id, record, view, isSelected, onSelect }: RowProps) {
  const { seq_num, timestamp, body, headers } = record;
  const kind = kindOf(record);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list handles the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and says which row is active
    <div
      id={id}
      class={isSelected ? "row selected" : "row"}
      role="option"
      aria-selected={isSelected}
      data-seq={seq_num}
      onClick={() => onSelect(seq_num)}
    >
      <span class="seq">{seq_num}</span>
      <span class="time">{clockText(timestamp)}</span>
      <span class="size">{quantity(body.length, "bytes")}</span>
      <span class="body">
        {kind.kind === "record" ? null : <span class={`tag ${kind.kind}`}>{kind.kind}</span>}
        {kind.kind === "record" && headers.length > 0 ? <span class="tag">{headers.length} hdr</span> : null}
        {kind.kind === "fence" ? (kind.token === "" ? "token cleared" : `token ${kind.token}`) : null}
        {kind.kind === "trim" ? `records before #${kind.point}` : null}
        {kind.kind === "command" ? `${kind.name} ` : null}
        {kind.kind === "record" || kind.kind === "command"
          ? previewOf(body, view === "hex" ? "hex" : "text")
          : null}
      </span>
    </div>
  );
}

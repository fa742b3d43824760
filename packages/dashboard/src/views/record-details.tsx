import type { S2Stream } from "@s2-dev/streamstore";
import { useRef } from "preact/hooks";
import type { BodyView } from "../logic/address.js";
import { hexOf, isText, jsonOf, kindOf, type PageRecord, textOf } from "../logic/body-view.js";
import { quantity } from "../logic/metric-series.js";
import { isoText } from "../logic/times.js";
import { ErrorNote } from "../parts/notes.js";
import { notify } from "../state/notices.js";
import type { RecordSession } from "../state/record-session.js";
import { createRecordSource } from "../state/record-source.js";
import { useLoaded } from "../state/use-loaded.js";

export interface RecordDetailsProps {
  readonly handle: S2Stream;
  readonly session: RecordSession;
  readonly seqNum: number;
  readonly view: BodyView;
  readonly onClose: () => void;
}

/** One record in full. It stays open when the list lets go of it, and is fetched when the list never had it. */
export function RecordDetails({ handle, session, seqNum, view, onClose }: RecordDetailsProps) {
  const kept = useRef<PageRecord | undefined>(undefined);
  const held = session.window.at(session.window.indexOfSeq(seqNum));
  if (held?.seq_num === seqNum) kept.current = held;
  const known = kept.current?.seq_num === seqNum ? kept.current : undefined;
  const fetched = useLoaded(async () => {
    if (known !== undefined) return undefined;
    const [record] = await createRecordSource(handle).read(seqNum, 1);
    return record?.seq_num === seqNum ? record : undefined;
  }, [handle, seqNum]);
  const record = known ?? (fetched.value?.seq_num === seqNum ? fetched.value : undefined);
  return (
    <aside class="details" aria-label={`Record ${seqNum}`}>
      <header>
        <h2>#{seqNum.toLocaleString("en-US")}</h2>
        <span class="spring" />
        {record === undefined ? null : (
          <button type="button" class="quiet" onClick={() => copy(shownBody(record, view))}>
            Copy body
          </button>
        )}
        <button type="button" class="quiet icon" aria-label="Close the record" onClick={onClose}>
          ✕
        </button>
      </header>
      {record === undefined ? null : <Content record={record} view={view} />}
      {record === undefined && fetched.error !== undefined ? <ErrorNote error={fetched.error} /> : null}
      {record === undefined && !fetched.isLoading && fetched.error === undefined ? (
        <p class="empty">There is no such record: it was trimmed, or is yet to come.</p>
      ) : null}
    </aside>
  );
}

function Content({ record, view }: { readonly record: PageRecord; readonly view: BodyView }) {
  const { timestamp, body, headers } = record;
  const kind = kindOf(record);
  return (
    <div class="content">
      <dl class="facts">
        <dt>Time</dt>
        <dd>
          {isoText(timestamp)} <small>{timestamp}</small>
        </dd>
        <dt>Size</dt>
        <dd>{quantity(body.length, "bytes")}</dd>
        {kind.kind === "record" ? null : (
          <>
            <dt>Command</dt>
            <dd>
              <span class={`tag ${kind.kind}`}>{kind.kind}</span> {commandText(kind)}
            </dd>
          </>
        )}
      </dl>
      {kind.kind !== "record" || headers.length === 0 ? null : (
        <table class="headers">
          <caption>Headers</caption>
          <tbody>
            {headers.map(([name, value], index) => (
              // Names repeat, and order is all there is.
              <tr key={index}>
                <th scope="row">{textOf(name)}</th>
                <td>{isText(value) ? textOf(value) : hexOf(value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {view === "json" && jsonOf(body) === undefined ? <p class="hint">No JSON; shown as it is.</p> : null}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{shownBody(record, view)}</pre>
    </div>
  );
}

function commandText(kind: ReturnType<typeof kindOf>): string {
  switch (kind.kind) {
    case "record":
      return "";
    case "fence":
      return kind.token === "" ? "clears the fencing token" : `fencing token ${kind.token}`;
    case "trim":
      return `drops the records before #${kind.point}`;
    case "command":
      return kind.name;
  }
}

function shownBody({ body }: PageRecord, view: BodyView): string {
  if (view === "hex") return hexOf(body);
  return (view === "json" ? jsonOf(body) : undefined) ?? (isText(body) ? textOf(body) : hexOf(body));
}

function copy(text: string): void {
  navigator.clipboard.writeText(text).then(
    () => notify("Copied"),
    () => notify("The browser does not let the page copy", true),
  );
}

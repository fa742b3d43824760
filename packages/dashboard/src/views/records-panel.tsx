import { EncryptionKey } from "@s2-dev/streamstore";
import { useRef, useState } from "preact/hooks";
import { hashOf, type Reading, type Start, startFromText } from "../logic/address.js";
import { TextField } from "../parts/field.js";
import { ErrorNote } from "../parts/notes.js";
import { amendReading, goTo } from "../state/location.js";
import { errorText, notify } from "../state/notices.js";
import type { RecordSession } from "../state/record-session.js";
import { useRecordSession } from "../state/use-record-session.js";
import { useShortcuts } from "../state/use-shortcuts.js";
import { AppendDialog } from "./append-dialog.js";
import { Rates } from "./rates.js";
import { RecordDetails } from "./record-details.js";
import { RecordList } from "./record-list.js";
import { RecordToolbar } from "./record-toolbar.js";
import { ShortcutsDialog } from "./shortcuts-dialog.js";

export interface RecordsPanelProps {
  readonly basin: string;
  readonly stream: string;
  readonly reading: Reading;
}

/** The records of a stream: read, followed, searched, opened and appended. */
export function RecordsPanel({ basin, stream, reading }: RecordsPanelProps) {
  const [encryptionKey, setEncryptionKey] = useState<EncryptionKey>();
  const { handle, session, filterError } = useRecordSession(basin, stream, reading, encryptionKey);
  const [dialog, setDialog] = useState<"append" | "shortcuts">();
  const [hasRates, setRates] = useState(false);
  const filterInput = useRef<HTMLInputElement>(null);
  const placeInput = useRef<HTMLInputElement>(null);

  const start = (next: Start): void => {
    const changed: Reading = { ...reading, start: next, selected: undefined, paused: false };
    const target = hashOf({ page: "stream", basin, stream, tab: "records", reading: changed });
    if (target === location.hash) session?.reader.start(next);
    else goTo({ page: "stream", basin, stream, tab: "records", reading: changed });
  };
  const live = (): void => start({ kind: "tail" });
  const pause = (): void => amendReading({ paused: !reading.paused });
  useShortcuts(dialog === undefined, {
    "/": () => filterInput.current?.focus(),
    g: () => placeInput.current?.focus(),
    " ": pause,
    l: live,
    a: () => setDialog("append"),
    r: () => setRates(!hasRates),
    "?": () => setDialog("shortcuts"),
    Escape: () => amendReading({ selected: undefined }),
  });

  return (
    <div class="records">
      <RecordToolbar
        reading={reading}
        filterInput={filterInput}
        placeInput={placeInput}
        filterError={filterError}
        hasRates={hasRates}
        onPause={pause}
        onLive={live}
        onPlace={(text) => {
          const next = startFromText(text);
          if (next === undefined) notify(`Neither a sequence number nor a time: ${text}`, true);
          else start(next);
          return next !== undefined;
        }}
        onAppend={() => setDialog("append")}
        onRates={() => setRates(!hasRates)}
        onShare={() => session !== undefined && share(session, { basin, stream, reading })}
        onShortcuts={() => setDialog("shortcuts")}
      />
      {hasRates && session !== undefined ? <Rates meter={session.meter} /> : null}
      {session === undefined ? null : (
        <Failure
          session={session}
          onKey={setEncryptionKey}
          onRetry={() => session.reader.start(reading.start)}
        />
      )}
      {session === undefined ? null : (
        <div class={reading.selected === undefined ? "split" : "split open"}>
          <RecordList
            session={session}
            view={reading.view}
            selected={reading.selected}
            isFiltered={reading.filter !== ""}
            onSelect={(selected) => amendReading({ selected })}
            onLive={live}
          />
          {reading.selected === undefined ? null : (
            <RecordDetails
              handle={handle}
              session={session}
              seqNum={reading.selected}
              view={reading.view}
              onClose={() => amendReading({ selected: undefined })}
            />
          )}
        </div>
      )}
      {dialog === "append" ? <AppendDialog handle={handle} onClose={() => setDialog(undefined)} /> : null}
      {dialog === "shortcuts" ? <ShortcutsDialog onClose={() => setDialog(undefined)} /> : null}
    </div>
  );
}

/** Copies an address that leads to what is shown now. */
function share(session: RecordSession, { basin, stream, reading }: RecordsPanelProps): void {
  const { reader } = session;
  const first = session.topSeq();
  const place: Start =
    reader.isPinned || first === undefined ? { kind: "tail" } : { kind: "seq", seq: first };
  const hash = hashOf({
    page: "stream",
    basin,
    stream,
    tab: "records",
    reading: { ...reading, start: place },
  });
  const address = location.href.replace(/#.*$/, "") + hash;
  navigator.clipboard.writeText(address).then(
    () => notify("Address copied"),
    () => {
      location.hash = hash;
      notify("The address of the page leads here now");
    },
  );
}

interface FailureProps {
  readonly session: RecordSession;
  readonly onKey: (key: EncryptionKey) => void;
  readonly onRetry: () => void;
}

function Failure({ session, onKey, onRetry }: FailureProps) {
  const [key, setKey] = useState("");
  session.version.value;
  const { phase, error } = session.reader;
  if (phase !== "failed") return null;
  return (
    <>
      <ErrorNote error={error} onRetry={onRetry} />
      <details class="card">
        <summary>The records are encrypted with a key of mine</summary>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            try {
              onKey(EncryptionKey.from(key));
            } catch (thrown) {
              notify(errorText(thrown), true);
            }
          }}
        >
          <TextField
            label="Encryption key"
            type="password"
            value={key}
            onValue={setKey}
            hint="In base64. Forgotten when you leave the stream."
          />
          <footer class="actions">
            <button type="submit" class="primary">
              Read with this key
            </button>
          </footer>
        </form>
      </details>
    </>
  );
}

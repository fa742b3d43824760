import type { S2Stream } from "@s2-dev/streamstore";
import { useState } from "preact/hooks";
import { EMPTY_RECORD, integerFrom, type RecordForm, recordFromForm } from "../logic/append-form.js";
import { Dialog } from "../parts/dialog.js";
import { Field, SelectField, TextField } from "../parts/field.js";
import { ErrorNote } from "../parts/notes.js";
import { AppendFile } from "./append-file.js";

export interface AppendDialogProps {
  readonly handle: S2Stream;
  readonly onClose: () => void;
}

export function AppendDialog({ handle, onClose }: AppendDialogProps) {
  const [source, setSource] = useState("hand");
  return (
    <Dialog title={`Append to ${handle.name}`} onClose={onClose}>
      <fieldset class="segments">
        <legend class="unseen">From</legend>
        {[
          ["hand", "By hand"],
          ["file", "From a file"],
        ].map(([name, text]) => (
          <label key={name}>
            <input
              type="radio"
              name="append-source"
              checked={source === name}
              onChange={() => setSource(name ?? "hand")}
            />
            <span>{text}</span>
          </label>
        ))}
      </fieldset>
      {source === "hand" ? (
        <AppendByHand handle={handle} onClose={onClose} />
      ) : (
        <AppendFile handle={handle} onClose={onClose} />
      )}
    </Dialog>
  );
}

const BODY_LABELS = { record: "Body", fence: "Fencing token", trim: "Drop records before #" } as const;

function AppendByHand({ handle, onClose }: AppendDialogProps) {
  const [form, setForm] = useState<RecordForm>(EMPTY_RECORD);
  const [expected, setExpected] = useState("");
  const [fencingToken, setFencingToken] = useState("");
  const [failure, setFailure] = useState<unknown>();
  const [appended, setAppended] = useState<number>();
  const change = (part: Partial<RecordForm>): void => setForm({ ...form, ...part });

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    try {
      const match = integerFrom(expected, "The expected sequence number");
      const ack = await handle.append(recordFromForm(form), {
        ...(match === undefined ? {} : { match_seq_num: match }),
        ...(fencingToken === "" ? {} : { fencing_token: fencingToken }),
      });
      setAppended(ack.start.seq_num);
      setFailure(undefined);
      setExpected("");
      change({ body: "" });
    } catch (thrown) {
      setFailure(thrown);
      setAppended(undefined);
    }
  }

  return (
    <form
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
      }}
    >
      <div class="pair">
        <SelectField
          label="What"
          value={form.kind}
          onValue={(kind) => change({ kind: kind as RecordForm["kind"], body: "" })}
          options={[
            ["record", "record"],
            ["fence", "fence (command)"],
            ["trim", "trim (command)"],
          ]}
        />
        {form.kind === "record" ? (
          <SelectField
            label="Typed as"
            value={form.encoding}
            onValue={(encoding) => change({ encoding: encoding as RecordForm["encoding"] })}
            options={[
              ["text", "text"],
              ["hex", "hexadecimal bytes"],
            ]}
          />
        ) : null}
      </div>
      <Field label={BODY_LABELS[form.kind]}>
        <textarea
          rows={form.kind === "record" ? 5 : 1}
          autofocus
          spellcheck={false}
          value={form.body}
          onInput={(event) => change({ body: event.currentTarget.value })}
        />
      </Field>
      {form.kind === "record" ? (
        <Field label="Headers" hint="name: value, one a line">
          <textarea
            rows={2}
            spellcheck={false}
            value={form.headers}
            onInput={(event) => change({ headers: event.currentTarget.value })}
          />
        </Field>
      ) : null}
      <details>
        <summary>Conditions and timestamp</summary>
        <div class="grid">
          <TextField label="Only if the next record is #" value={expected} onValue={setExpected} />
          <TextField label="Only with the fencing token" value={fencingToken} onValue={setFencingToken} />
          <TextField
            label="Timestamp"
            value={form.timestamp}
            placeholder="now"
            hint="Milliseconds since the epoch"
            onValue={(timestamp) => change({ timestamp })}
          />
        </div>
      </details>
      {failure === undefined ? null : <ErrorNote error={failure} />}
      <footer class="actions">
        <output class="hint">
          {appended === undefined ? "" : `Appended as #${appended.toLocaleString("en-US")}`}
        </output>
        <span class="spring" />
        <button type="button" onClick={onClose}>
          Done
        </button>
        <button type="submit" class="primary" title="Ctrl+Enter">
          Append
        </button>
      </footer>
    </form>
  );
}

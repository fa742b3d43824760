import { Producer, type S2Stream } from "@s2-dev/streamstore";
import { useEffect, useRef, useState } from "preact/hooks";
import { FILE_FORMS, type FileForm, recordsFromFile } from "../logic/append-form.js";
import { Field, SelectField } from "../parts/field.js";
import { ErrorNote } from "../parts/notes.js";

const FORM_NAMES: Readonly<Record<FileForm, string>> = {
  lines: "a record a line",
  json: 'a record a line, as {"body", "headers", "timestamp"}',
  whole: "one record of the whole file",
};
const PROGRESS_EVERY = 1000;
/** What was sent is known to be in the stream when all of it is. */
const STATES = { running: "sent", done: "appended", stopped: "sent, then stopped" } as const;

interface Progress {
  readonly records: number;
  readonly state: keyof typeof STATES;
}

export interface AppendFileProps {
  readonly handle: S2Stream;
  readonly onClose: () => void;
}

/** Appends a file, however large: it is read as the stream takes it. */
export function AppendFile({ handle, onClose }: AppendFileProps) {
  const [file, setFile] = useState<File>();
  const [form, setForm] = useState<FileForm>("lines");
  const [progress, setProgress] = useState<Progress>();
  const [failure, setFailure] = useState<unknown>();
  const running = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (file === undefined) return;
    const controller = new AbortController();
    running.current = controller;
    setFailure(undefined);
    const tell = (records: number, state: Progress["state"]): void => setProgress({ records, state });
    let records = 0;
    tell(0, "running");
    try {
      const session = await handle.appendSession({}, { signal: controller.signal });
      await using producer = new Producer({ lingerDurationMillis: 5 }, session);
      const writer = producer.writable.getWriter();
      for await (const record of recordsFromFile(chunksOf(file), form)) {
        controller.signal.throwIfAborted();
        await writer.write(record);
        records += 1;
        if (records % PROGRESS_EVERY === 0) tell(records, "running");
      }
      await writer.close();
      tell(records, "done");
    } catch (thrown) {
      tell(records, "stopped");
      if (!controller.signal.aborted) setFailure(thrown);
    }
  }

  const isRunning = progress?.state === "running";
  return (
    <form onSubmit={submit}>
      <Field label="File">
        <input type="file" required onChange={(event) => setFile(event.currentTarget.files?.[0])} />
      </Field>
      <SelectField
        label="It holds"
        value={form}
        onValue={(value) => setForm(value as FileForm)}
        options={FILE_FORMS.map((name) => [name, FORM_NAMES[name]])}
      />
      {failure === undefined ? null : <ErrorNote error={failure} />}
      <footer class="actions">
        <output class="hint">
          {progress === undefined
            ? ""
            : `${progress.records.toLocaleString("en-US")} records ${STATES[progress.state]}`}
        </output>
        <span class="spring" />
        {isRunning ? (
          <button type="button" onClick={() => running.current?.abort()}>
            Stop
          </button>
        ) : (
          <button type="button" onClick={onClose}>
            Close
          </button>
        )}
        <button type="submit" class="primary" disabled={isRunning}>
          Append
        </button>
      </footer>
    </form>
  );
}

async function* chunksOf(file: File): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = file.stream().getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}

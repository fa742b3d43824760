import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import {
  type BasinForm,
  basinChange,
  basinFormOf,
  type StreamForm,
  streamChange,
  streamFormOf,
} from "../logic/config-form.js";
import { ErrorNote } from "../parts/notes.js";
import { client } from "../state/connection.js";
import { notify } from "../state/notices.js";
import { useLoaded } from "../state/use-loaded.js";
import { BasinFields, StreamFields } from "./config-fields.js";

interface ConfigPanelProps<F> {
  readonly load: () => Promise<F>;
  /** Saves what has changed, and gives the configuration as it is then; `undefined` when nothing has. */
  readonly save: (before: F, after: F) => Promise<F> | undefined;
  readonly fields: (form: F, onForm: (form: F) => void) => ComponentChildren;
  /** Changes with what `load` depends on. */
  readonly inputs: readonly unknown[];
}

function ConfigPanel<F>({ load, save, fields, inputs }: ConfigPanelProps<F>) {
  const { value: loaded, error, reload } = useLoaded(load, inputs);
  const [saved, setSaved] = useState<F>();
  const [edited, setEdited] = useState<F>();
  const [failure, setFailure] = useState<unknown>();
  const before = saved ?? loaded;
  if (error !== undefined) return <ErrorNote error={error} onRetry={reload} />;
  if (before === undefined) return <p class="empty">Loading…</p>;
  const isChanged = edited !== undefined && JSON.stringify(edited) !== JSON.stringify(before);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (before === undefined || edited === undefined) return;
    try {
      const after = await save(before, edited);
      if (after !== undefined) setSaved(after);
      setEdited(undefined);
      setFailure(undefined);
      notify("Configuration saved");
    } catch (thrown) {
      setFailure(thrown);
    }
  }

  return (
    <form class="card" onSubmit={submit}>
      {fields(edited ?? before, setEdited)}
      {failure === undefined ? null : <ErrorNote error={failure} />}
      <footer class="actions">
        <button type="button" disabled={!isChanged} onClick={() => setEdited(undefined)}>
          Undo changes
        </button>
        <button type="submit" class="primary" disabled={!isChanged}>
          Save
        </button>
      </footer>
    </form>
  );
}

export function BasinConfigPanel({ basin }: { readonly basin: string }) {
  const { basins } = client.value;
  return (
    <ConfigPanel<BasinForm>
      inputs={[basins, basin]}
      load={async () => basinFormOf(await basins.getConfig({ basin }))}
      save={(before, after) => {
        const change = basinChange(before, after);
        if (Object.keys(change).length === 0) return undefined;
        return basins.reconfigure({ basin, ...change }).then(basinFormOf);
      }}
      fields={(form, onForm) => <BasinFields form={form} onForm={onForm} />}
    />
  );
}

export function StreamConfigPanel({ basin, stream }: { readonly basin: string; readonly stream: string }) {
  const of = client.value;
  return (
    <ConfigPanel<StreamForm>
      inputs={[of, basin, stream]}
      load={async () => streamFormOf(await of.basin(basin).streams.getConfig({ stream }))}
      save={(before, after) => {
        const change = streamChange(before, after);
        if (Object.keys(change).length === 0) return undefined;
        return of
          .basin(basin)
          .streams.reconfigure({ stream, ...change })
          .then(streamFormOf);
      }}
      fields={(form, onForm) => <StreamFields form={form} onForm={onForm} />}
    />
  );
}

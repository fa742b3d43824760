import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { basinConfigFrom, EMPTY_BASIN, EMPTY_STREAM, streamConfigFrom } from "../logic/config-form.js";
import { Dialog } from "../parts/dialog.js";
import { SelectField, TextField } from "../parts/field.js";
import { ErrorNote } from "../parts/notes.js";
import { client } from "../state/connection.js";
import { useLoaded } from "../state/use-loaded.js";
import { BasinFields, StreamFields } from "./config-fields.js";

interface CreateDialogProps {
  readonly title: string;
  readonly hint: string;
  readonly create: (name: string) => Promise<unknown>;
  readonly onDone: (name: string) => void;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

function CreateDialog({ title, hint, create, onDone, onClose, children }: CreateDialogProps) {
  const [name, setName] = useState("");
  const [failure, setFailure] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      await create(name);
      onClose();
      onDone(name);
    } catch (thrown) {
      setFailure(thrown);
      setBusy(false);
    }
  }

  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit}>
        <TextField label="Name" value={name} onValue={setName} hint={hint} required autofocus />
        <details>
          <summary>Configuration</summary>
          {children}
        </details>
        {failure === undefined ? null : <ErrorNote error={failure} />}
        <footer class="actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={isBusy}>
            Create
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

export interface CreateProps {
  readonly onDone: (name: string) => void;
  readonly onClose: () => void;
}

export function CreateBasin(props: CreateProps) {
  const [form, setForm] = useState(EMPTY_BASIN);
  const [location, setLocation] = useState("");
  const of = client.value;
  // Servers without locations have nothing to choose from, and that is no failure.
  const { value: locations = [] } = useLoaded(() => of.locations.list().catch(() => []), [of]);
  return (
    <CreateDialog
      {...props}
      title="New basin"
      hint="8 to 48 lower-case letters, digits and hyphens"
      create={async (basin) =>
        of.basins.create({ basin, config: basinConfigFrom(form), ...(location === "" ? {} : { location }) })
      }
    >
      {locations.length === 0 ? null : (
        <SelectField
          label="Location"
          value={location}
          onValue={setLocation}
          options={[["", "default"], ...locations.map(({ name }) => [name, name] as const)]}
        />
      )}
      <BasinFields form={form} onForm={setForm} />
    </CreateDialog>
  );
}

export function CreateStream({ basin, ...props }: CreateProps & { readonly basin: string }) {
  const [form, setForm] = useState(EMPTY_STREAM);
  const of = client.value;
  return (
    <CreateDialog
      {...props}
      title="New stream"
      hint="1 to 512 bytes"
      create={async (stream) => of.basin(basin).streams.create({ stream, config: streamConfigFrom(form) })}
    >
      <StreamFields form={form} onForm={setForm} />
    </CreateDialog>
  );
}

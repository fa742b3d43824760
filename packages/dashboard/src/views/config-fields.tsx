import type { BasinForm, StreamForm } from "../logic/config-form.js";
import { CheckField, SelectField, TextField } from "../parts/field.js";

export interface StreamFieldsProps {
  readonly form: StreamForm;
  readonly onForm: (form: StreamForm) => void;
}

/** The configuration of a stream. */
export function StreamFields({ form, onForm }: StreamFieldsProps) {
  return (
    <div class="grid">
      <SelectField
        label="Storage class"
        value={form.storageClass}
        onValue={(storageClass) => onForm({ ...form, storageClass })}
        options={[
          ["", "default"],
          ["express", "express"],
          ["standard", "standard"],
        ]}
      />
      <TextField
        label="Retention"
        value={form.retention}
        placeholder="default"
        hint="7d, 1h 30m, or infinite"
        onValue={(retention) => onForm({ ...form, retention })}
      />
      <SelectField
        label="Timestamps"
        value={form.timestamping}
        onValue={(timestamping) => onForm({ ...form, timestamping })}
        options={[
          ["", "default"],
          ["client-prefer", "client's, else arrival"],
          ["client-require", "client's only"],
          ["arrival", "arrival"],
        ]}
      />
      <SelectField
        label="Timestamps ahead of arrival"
        value={form.uncapped}
        onValue={(uncapped) => onForm({ ...form, uncapped: uncapped as StreamForm["uncapped"] })}
        options={[
          ["", "default"],
          ["yes", "allowed"],
          ["no", "capped"],
        ]}
      />
      <TextField
        label="Delete when empty for"
        value={form.deleteOnEmpty}
        placeholder="never"
        hint="1h, 2d; empty: never"
        onValue={(deleteOnEmpty) => onForm({ ...form, deleteOnEmpty })}
      />
    </div>
  );
}

export interface BasinFieldsProps {
  readonly form: BasinForm;
  readonly onForm: (form: BasinForm) => void;
}

/** The configuration of a basin. */
export function BasinFields({ form, onForm }: BasinFieldsProps) {
  return (
    <>
      <div class="checks">
        <CheckField
          label="Create streams when they are appended to"
          checked={form.createOnAppend}
          onChecked={(createOnAppend) => onForm({ ...form, createOnAppend })}
        />
        <CheckField
          label="Create streams when they are read"
          checked={form.createOnRead}
          onChecked={(createOnRead) => onForm({ ...form, createOnRead })}
        />
      </div>
      <SelectField
        label="Cipher of new streams"
        value={form.cipher}
        onValue={(cipher) => onForm({ ...form, cipher })}
        options={[
          ["", "none"],
          ["aegis-256", "aegis-256"],
          ["aes-256-gcm", "aes-256-gcm"],
        ]}
      />
      <fieldset>
        <legend>Defaults of its streams</legend>
        <StreamFields form={form.streams} onForm={(streams) => onForm({ ...form, streams })} />
      </fieldset>
    </>
  );
}

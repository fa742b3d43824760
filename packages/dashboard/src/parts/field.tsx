import type { ComponentChildren } from "preact";

export interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly children: ComponentChildren;
}

/** A form control with its label. The hint is no part of the label: it would be read out as the control's name. */
export function Field({ label, hint, children }: FieldProps) {
  return (
    <div class="field">
      {/* biome-ignore lint/a11y/noLabelWithoutControl: the control is the child */}
      <label class="field">
        <span>{label}</span>
        {children}
      </label>
      {hint === undefined ? null : <small>{hint}</small>}
    </div>
  );
}

export interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly hint?: string | undefined;
  readonly placeholder?: string | undefined;
  readonly type?: "text" | "password" | "datetime-local" | undefined;
  readonly required?: boolean | undefined;
  readonly autofocus?: boolean | undefined;
}

export function TextField(props: TextFieldProps) {
  const { label, value, onValue, hint, placeholder, type = "text", required, autofocus } = props;
  return (
    <Field label={label} hint={hint}>
      <input
        // What else a text field may have, each of these types may have too.
        type={type as "text"}
        value={value}
        placeholder={placeholder}
        required={required}
        autofocus={autofocus}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
    </Field>
  );
}

export interface SelectFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly options: readonly (readonly [value: string, label: string])[];
  readonly hint?: string | undefined;
}

export function SelectField({ label, value, onValue, options, hint }: SelectFieldProps) {
  return (
    <Field label={label} hint={hint}>
      <select value={value} onChange={(event) => onValue(event.currentTarget.value)}>
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  );
}

export interface CheckFieldProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChecked: (checked: boolean) => void;
}

export function CheckField({ label, checked, onChecked }: CheckFieldProps) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={(event) => onChecked(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}

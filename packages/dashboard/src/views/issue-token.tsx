import { useState } from "preact/hooks";
import {
  GROUP_RIGHTS,
  type GroupRight,
  issueArgsFrom,
  NEW_TOKEN,
  type ResourceForm,
  type TokenForm,
} from "../logic/token-form.js";
import { Dialog } from "../parts/dialog.js";
import { CheckField, SelectField, TextField } from "../parts/field.js";
import { ErrorNote } from "../parts/notes.js";
import { client } from "../state/connection.js";

export interface IssueTokenProps {
  readonly onIssued: (secret: string) => void;
  readonly onClose: () => void;
}

export function IssueToken({ onIssued, onClose }: IssueTokenProps) {
  const [form, setForm] = useState<TokenForm>(NEW_TOKEN);
  const [failure, setFailure] = useState<unknown>();
  const change = (part: Partial<TokenForm>): void => setForm({ ...form, ...part });

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    try {
      const { access_token } = await client.value.accessTokens.issue(issueArgsFrom(form));
      onClose();
      onIssued(access_token);
    } catch (thrown) {
      setFailure(thrown);
    }
  }

  return (
    <Dialog title="Issue a token" onClose={onClose}>
      <form onSubmit={submit}>
        <TextField label="Id" value={form.id} onValue={(id) => change({ id })} required autofocus />
        <Resources what="Basins" form={form.basins} onForm={(basins) => change({ basins })} />
        <Resources what="Streams" form={form.streams} onForm={(streams) => change({ streams })} />
        <Resources
          what="Tokens"
          form={form.accessTokens}
          onForm={(accessTokens) => change({ accessTokens })}
        />
        <fieldset>
          <legend>May</legend>
          <div class="checks columns">
            {GROUP_RIGHTS.map((right) => (
              <CheckField
                key={right}
                label={right.replace(".", " · ")}
                checked={form.groups.has(right)}
                onChecked={(isGiven) => change({ groups: withRight(form.groups, right, isGiven) })}
              />
            ))}
          </div>
          <TextField
            label="And these operations"
            value={form.operations}
            placeholder="append, check-tail"
            onValue={(operations) => change({ operations })}
          />
        </fieldset>
        <CheckField
          label="Put the prefix of the streams before every name"
          checked={form.autoPrefix}
          onChecked={(autoPrefix) => change({ autoPrefix })}
        />
        <TextField
          label="Expires"
          type="datetime-local"
          value={form.expires}
          onValue={(expires) => change({ expires })}
          hint="Empty: when the token expires that this page uses"
        />
        {failure === undefined ? null : <ErrorNote error={failure} />}
        <footer class="actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="primary">
            Issue
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

interface ResourcesProps {
  readonly what: string;
  readonly form: ResourceForm;
  readonly onForm: (form: ResourceForm) => void;
}

function Resources({ what, form, onForm }: ResourcesProps) {
  return (
    <div class="pair">
      <SelectField
        label={what}
        value={form.kind}
        onValue={(kind) => onForm({ ...form, kind: kind as ResourceForm["kind"] })}
        options={[
          ["none", "none"],
          ["prefix", "whose names begin with"],
          ["exact", "exactly"],
        ]}
      />
      {form.kind === "none" ? null : (
        <TextField
          label={form.kind === "prefix" ? "Prefix" : "Name"}
          value={form.name}
          placeholder={form.kind === "prefix" ? "all" : ""}
          onValue={(name) => onForm({ ...form, name })}
        />
      )}
    </div>
  );
}

function withRight(rights: ReadonlySet<GroupRight>, right: GroupRight, isGiven: boolean): Set<GroupRight> {
  const next = new Set(rights);
  if (isGiven) next.add(right);
  else next.delete(right);
  return next;
}

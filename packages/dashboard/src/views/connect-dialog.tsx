import { useState } from "preact/hooks";
import { type Endpoints, HOSTED } from "../logic/endpoints.js";
import { Dialog } from "../parts/dialog.js";
import { TextField } from "../parts/field.js";
import { connect, endpoints, isConnecting, token } from "../state/connection.js";

/** Asks which server to look at, and with which token. */
export function ConnectDialog() {
  const [account, setAccount] = useState(endpoints.account);
  const [basin, setBasin] = useState(endpoints.basin);
  const [secret, setSecret] = useState(token.value);
  const close = (): void => {
    isConnecting.value = false;
  };
  const fill = (known: Endpoints): void => {
    setAccount(known.account);
    setBasin(known.basin);
  };
  return (
    <Dialog title="Server" onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          close();
          connect({ account: account.trim(), basin: basin.trim() || account.trim() }, secret.trim());
        }}
      >
        <p class="choices">
          <button type="button" onClick={() => fill({ account: location.origin, basin: location.origin })}>
            This server
          </button>
          <button type="button" onClick={() => fill(HOSTED)}>
            s2.dev
          </button>
        </p>
        <TextField label="Account endpoint" value={account} onValue={setAccount} required />
        <TextField
          label="Basin endpoint"
          value={basin}
          onValue={setBasin}
          hint="{basin} stands for the basin's name"
        />
        <TextField
          label="Access token"
          type="password"
          value={secret}
          onValue={setSecret}
          autofocus
          hint="Kept in this tab, and sent to these endpoints alone. It is never part of the address."
        />
        <footer class="actions">
          <button type="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="primary">
            Connect
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

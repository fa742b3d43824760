import { useState } from "preact/hooks";
import { pageSize, take } from "../logic/take.js";
import { dateText } from "../logic/times.js";
import { describeScope } from "../logic/token-form.js";
import { Confirm, Dialog } from "../parts/dialog.js";
import { Listing, Search } from "../parts/listing.js";
import { client } from "../state/connection.js";
import { amend } from "../state/location.js";
import { notify } from "../state/notices.js";
import { useDeletion } from "../state/use-deletion.js";
import { useLoaded } from "../state/use-loaded.js";
import { IssueToken } from "./issue-token.js";

const PAGE = 100;

export function TokensView({ search }: { readonly search: string }) {
  const { accessTokens } = client.value;
  const [limit, setLimit] = useState(PAGE);
  const [isIssuing, setIssuing] = useState(false);
  const [secret, setSecret] = useState<string>();
  const loaded = useLoaded(
    (signal) => take(accessTokens.listAll({ prefix: search, limit: pageSize(limit) }, { signal }), limit),
    [accessTokens, search, limit],
  );
  const revocation = useDeletion((id) => accessTokens.revoke({ id }), loaded.reload);
  return (
    <>
      <div class="title">
        <h1>Access tokens</h1>
        <span class="spring" />
        <Search
          label="Ids that begin with…"
          value={search}
          onValue={(text) => amend({ page: "tokens", search: text })}
        />
        <button type="button" class="primary" onClick={() => setIssuing(true)}>
          Issue a token
        </button>
      </div>
      <Listing
        loaded={loaded}
        onMore={() => setLimit((was) => was + 10 * PAGE)}
        empty="No token has been issued."
        columns={["Id", "May use", "Expires", ""]}
        row={(token) => (
          <tr key={token.id}>
            <td>{token.id}</td>
            <td class="wide">{describeScope(token)}</td>
            <td>{dateText(token.expires_at)}</td>
            <td class="end">
              <button type="button" class="quiet danger" onClick={() => revocation.ask(token.id)}>
                Revoke
              </button>
            </td>
          </tr>
        )}
      />
      {isIssuing ? (
        <IssueToken
          onClose={() => setIssuing(false)}
          onIssued={(issued) => {
            setSecret(issued);
            loaded.reload();
          }}
        />
      ) : null}
      {secret === undefined ? null : <Secret secret={secret} onClose={() => setSecret(undefined)} />}
      {revocation.asked === undefined ? null : (
        <Confirm
          title={`Revoke ${revocation.asked}?`}
          text="Whoever uses the token is refused from now on."
          action="Revoke token"
          onConfirm={revocation.confirm}
          onClose={revocation.cancel}
        />
      )}
    </>
  );
}

function Secret({ secret, onClose }: { readonly secret: string; readonly onClose: () => void }) {
  return (
    <Dialog title="Token issued" onClose={onClose}>
      <p>This is the only time that it is shown.</p>
      <p>
        <code class="secret">{secret}</code>
      </p>
      <footer class="actions">
        <button
          type="button"
          onClick={() => {
            navigator.clipboard.writeText(secret).then(
              () => notify("Copied"),
              () => notify("The browser does not let the page copy", true),
            );
          }}
        >
          Copy
        </button>
        <button type="button" class="primary" onClick={onClose}>
          Done
        </button>
      </footer>
    </Dialog>
  );
}

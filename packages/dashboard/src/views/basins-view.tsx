import { useState } from "preact/hooks";
import { hashOf } from "../logic/address.js";
import { pageSize, take } from "../logic/take.js";
import { dateText } from "../logic/times.js";
import { Confirm } from "../parts/dialog.js";
import { Listing, Search } from "../parts/listing.js";
import { client } from "../state/connection.js";
import { amend, goTo } from "../state/location.js";
import { notify } from "../state/notices.js";
import { useDeletion } from "../state/use-deletion.js";
import { useLoaded } from "../state/use-loaded.js";
import { CreateBasin } from "./create-dialog.js";

const PAGE = 100;

export function BasinsView({ search }: { readonly search: string }) {
  const { basins } = client.value;
  const [limit, setLimit] = useState(PAGE);
  const [isCreating, setCreating] = useState(false);
  const loaded = useLoaded(
    (signal) =>
      take(
        basins.listAll({ prefix: search, limit: pageSize(limit), includeDeleted: true }, { signal }),
        limit,
      ),
    [basins, search, limit],
  );
  const deletion = useDeletion((basin) => basins.delete({ basin }), loaded.reload);
  return (
    <>
      <div class="title">
        <h1>Basins</h1>
        <span class="spring" />
        <Search
          label="Names that begin with…"
          value={search}
          onValue={(text) => amend({ page: "basins", search: text })}
        />
        <button type="button" onClick={loaded.reload}>
          Refresh
        </button>
        <button type="button" class="primary" onClick={() => setCreating(true)}>
          New basin
        </button>
      </div>
      <Listing
        loaded={loaded}
        onMore={() => setLimit((was) => was + 10 * PAGE)}
        empty={search === "" ? "There are no basins yet." : `No basin's name begins with ${search}.`}
        columns={["Name", "Created", "Location", ""]}
        row={({ name, created_at, location, deleted_at }) => (
          <tr key={name}>
            <td>
              <a href={hashOf({ page: "basin", basin: name, tab: "streams", search: "" })}>{name}</a>
              {deleted_at === null ? null : <span class="tag warn">being deleted</span>}
            </td>
            <td>{dateText(created_at)}</td>
            <td>{location ?? "–"}</td>
            <td class="end">
              <button type="button" class="quiet danger" onClick={() => deletion.ask(name)}>
                Delete
              </button>
            </td>
          </tr>
        )}
      />
      {isCreating ? (
        <CreateBasin
          onClose={() => setCreating(false)}
          onDone={(basin) => {
            notify(`Basin ${basin} created`);
            goTo({ page: "basin", basin, tab: "streams", search: "" });
          }}
        />
      ) : null}
      {deletion.asked === undefined ? null : (
        <Confirm
          title={`Delete ${deletion.asked}?`}
          text="The basin goes with all of its streams and records."
          action="Delete basin"
          onConfirm={deletion.confirm}
          onClose={deletion.cancel}
        />
      )}
    </>
  );
}

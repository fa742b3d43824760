import { useState } from "preact/hooks";
import { BASIN_TABS, DEFAULT_READING, hashOf, type Place } from "../logic/address.js";
import { pageSize, take } from "../logic/take.js";
import { dateText } from "../logic/times.js";
import { Confirm } from "../parts/dialog.js";
import { Listing, Search } from "../parts/listing.js";
import { Tabs } from "../parts/tabs.js";
import { client } from "../state/connection.js";
import { amend, goTo } from "../state/location.js";
import { notify } from "../state/notices.js";
import { useDeletion } from "../state/use-deletion.js";
import { useLoaded } from "../state/use-loaded.js";
import { BasinConfigPanel } from "./config-panel.js";
import { CreateStream } from "./create-dialog.js";
import { BasinMetrics } from "./metrics-view.js";

type BasinPlace = Extract<Place, { page: "basin" }>;
const NAMES = { streams: "Streams", config: "Configuration", metrics: "Metrics" } as const;
const PAGE = 100;

export function BasinView({ place }: { readonly place: BasinPlace }) {
  const { basin, tab } = place;
  return (
    <>
      <div class="title">
        <h1>
          <a href="#/basins">Basins</a>
          <span class="slash">/</span>
          {basin}
        </h1>
        <Tabs
          label="Parts of the basin"
          tabs={BASIN_TABS.map((name) => ({
            name: NAMES[name],
            place: { ...place, tab: name, search: "" },
            isCurrent: name === tab,
          }))}
        />
      </div>
      {tab === "streams" ? <Streams place={place} /> : null}
      {tab === "config" ? <BasinConfigPanel basin={basin} /> : null}
      {tab === "metrics" ? <BasinMetrics basin={basin} /> : null}
    </>
  );
}

function Streams({ place }: { readonly place: BasinPlace }) {
  const { basin, search } = place;
  const of = client.value;
  const [limit, setLimit] = useState(PAGE);
  const [isCreating, setCreating] = useState(false);
  const loaded = useLoaded(
    (signal) => {
      const args = { prefix: search, limit: pageSize(limit), includeDeleted: true };
      return take(of.basin(basin).streams.listAll(args, { signal }), limit);
    },
    [of, basin, search, limit],
  );
  const deletion = useDeletion((stream) => of.basin(basin).streams.delete({ stream }), loaded.reload);
  const streamPlace = (stream: string): Place => ({
    page: "stream",
    basin,
    stream,
    tab: "records",
    reading: DEFAULT_READING,
  });
  return (
    <>
      <div class="bar">
        <Search
          label="Names that begin with…"
          value={search}
          onValue={(text) => amend({ ...place, search: text })}
        />
        <span class="spring" />
        <button type="button" onClick={loaded.reload}>
          Refresh
        </button>
        <button type="button" class="primary" onClick={() => setCreating(true)}>
          New stream
        </button>
      </div>
      <Listing
        loaded={loaded}
        onMore={() => setLimit((was) => was + 10 * PAGE)}
        empty={search === "" ? "There are no streams yet." : `No stream's name begins with ${search}.`}
        columns={["Name", "Created", "Cipher", ""]}
        row={({ name, created_at, cipher, deleted_at }) => (
          <tr key={name}>
            <td>
              <a href={hashOf(streamPlace(name))}>{name}</a>
              {deleted_at ? <span class="tag warn">being deleted</span> : null}
            </td>
            <td>{dateText(created_at)}</td>
            <td>{cipher ?? "–"}</td>
            <td class="end">
              <button type="button" class="quiet danger" onClick={() => deletion.ask(name)}>
                Delete
              </button>
            </td>
          </tr>
        )}
      />
      {isCreating ? (
        <CreateStream
          basin={basin}
          onClose={() => setCreating(false)}
          onDone={(stream) => {
            notify(`Stream ${stream} created`);
            goTo(streamPlace(stream));
          }}
        />
      ) : null}
      {deletion.asked === undefined ? null : (
        <Confirm
          title={`Delete ${deletion.asked}?`}
          text="The stream goes with all of its records."
          action="Delete stream"
          onConfirm={deletion.confirm}
          onClose={deletion.cancel}
        />
      )}
    </>
  );
}

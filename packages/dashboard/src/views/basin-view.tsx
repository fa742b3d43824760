import { BASIN_TABS, DEFAULT_READING, type Place } from "../logic/address.js";
import { Tabs } from "../parts/tabs.js";
import { client } from "../state/connection.js";
import { amend } from "../state/location.js";
import { BasinConfigPanel } from "./config-panel.js";
import { CreateStream } from "./create-dialog.js";
import { BasinMetrics } from "./metrics-view.js";
import { ResourceList } from "./resource-list.js";

type BasinPlace = Extract<Place, { page: "basin" }>;
const NAMES = { streams: "Streams", config: "Configuration", metrics: "Metrics" } as const;

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
  return (
    <ResourceList
      kind="stream"
      search={search}
      onSearch={(text) => amend({ ...place, search: text })}
      list={(args, options) => of.basin(basin).streams.listAll(args, options)}
      inputs={[of, basin]}
      placeOf={(stream) => ({ page: "stream", basin, stream, tab: "records", reading: DEFAULT_READING })}
      column={["Cipher", ({ cipher }) => cipher ?? "–"]}
      remove={(stream) => of.basin(basin).streams.delete({ stream })}
      lost="The stream goes with all of its records."
      create={(props) => <CreateStream {...props} basin={basin} />}
    />
  );
}

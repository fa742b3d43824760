import { DEFAULT_READING, hashOf, type Place, STREAM_TABS } from "../logic/address.js";
import { Tabs } from "../parts/tabs.js";
import { StreamConfigPanel } from "./config-panel.js";
import { StreamMetrics } from "./metrics-view.js";
import { RecordsPanel } from "./records-panel.js";

const NAMES = { records: "Records", config: "Configuration", metrics: "Metrics" } as const;

export function StreamView({ place }: { readonly place: Extract<Place, { page: "stream" }> }) {
  const { basin, stream, tab } = place;
  return (
    <>
      <div class="title">
        <h1>
          <a href="#/basins">Basins</a>
          <span class="slash">/</span>
          <a href={hashOf({ page: "basin", basin, tab: "streams", search: "" })}>{basin}</a>
          <span class="slash">/</span>
          {stream}
        </h1>
        <Tabs
          label="Parts of the stream"
          tabs={STREAM_TABS.map((name) => ({
            name: NAMES[name],
            place: { ...place, tab: name, reading: name === tab ? place.reading : DEFAULT_READING },
            isCurrent: name === tab,
          }))}
        />
      </div>
      {tab === "records" ? <RecordsPanel basin={basin} stream={stream} reading={place.reading} /> : null}
      {tab === "config" ? <StreamConfigPanel basin={basin} stream={stream} /> : null}
      {tab === "metrics" ? <StreamMetrics basin={basin} stream={stream} /> : null}
    </>
  );
}

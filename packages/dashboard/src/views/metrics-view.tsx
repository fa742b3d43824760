import type { MetricSetResponse, TimeseriesInterval } from "@s2-dev/streamstore";
import { useState } from "preact/hooks";
import { metricView } from "../logic/metric-series.js";
import { SelectField } from "../parts/field.js";
import { ErrorNote } from "../parts/notes.js";
import { Plot } from "../parts/plot.js";
import { client } from "../state/connection.js";
import { useLoaded } from "../state/use-loaded.js";

interface Span {
  readonly seconds: number;
  readonly interval: TimeseriesInterval;
}

const SPANS: Readonly<Record<string, Span>> = {
  "1 hour": { seconds: 3600, interval: "minute" },
  "6 hours": { seconds: 6 * 3600, interval: "minute" },
  "24 hours": { seconds: 24 * 3600, interval: "hour" },
  "7 days": { seconds: 7 * 86_400, interval: "hour" },
  "30 days": { seconds: 30 * 86_400, interval: "day" },
};
const DEFAULT_SPAN = "1 hour";

interface Range {
  readonly start: number;
  readonly end: number;
  readonly interval?: TimeseriesInterval;
}

interface MetricsProps {
  readonly sets: readonly (readonly [title: string, load: (range: Range) => Promise<MetricSetResponse>])[];
  readonly inputs: readonly unknown[];
}

function Metrics({ sets, inputs }: MetricsProps) {
  const [span, setSpan] = useState(DEFAULT_SPAN);
  const [round, setRound] = useState(0);
  return (
    <>
      <div class="bar">
        <SelectField
          label="The last"
          value={span}
          onValue={setSpan}
          options={Object.keys(SPANS).map((name) => [name, name])}
        />
        <span class="spring" />
        <button type="button" onClick={() => setRound(round + 1)}>
          Refresh
        </button>
      </div>
      <div class="plots">
        {sets.map(([title, load]) => (
          <MetricSet key={title} title={title} load={load} span={span} inputs={[...inputs, round]} />
        ))}
      </div>
    </>
  );
}

interface MetricSetProps {
  readonly title: string;
  readonly load: (range: Range) => Promise<MetricSetResponse>;
  readonly span: string;
  readonly inputs: readonly unknown[];
}

function MetricSet({ title, load, span, inputs }: MetricSetProps) {
  const { seconds, interval } = SPANS[span] ?? (SPANS[DEFAULT_SPAN] as Span);
  const { value, error, reload } = useLoaded(async () => {
    const end = Math.floor(Date.now() / 1000) + 1;
    const start = end - seconds;
    return { ...metricView((await load({ start, end, interval })).values), range: [start, end] as const };
  }, [title, span, ...inputs]);
  return (
    <section class="card" aria-label={title}>
      {error === undefined ? null : (
        <>
          <h2>{title}</h2>
          <ErrorNote error={error} onRetry={reload} />
        </>
      )}
      {value?.charts.map((chart) => (
        <Plot key={`${chart.unit} ${chart.isAccumulated}`} title={title} chart={chart} range={value.range} />
      ))}
      {value === undefined || value.figures.length === 0 ? null : (
        <dl class="figures">
          {value.figures.map(({ name, value: figure }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{figure}</dd>
            </div>
          ))}
        </dl>
      )}
      {value !== undefined && value.charts.length + value.figures.length === 0 ? (
        <>
          <h2>{title}</h2>
          <p class="empty">Nothing in this time.</p>
        </>
      ) : null}
    </section>
  );
}

export function AccountMetrics() {
  const { metrics } = client.value;
  return (
    <>
      <div class="title">
        <h1>Metrics of the account</h1>
      </div>
      <Metrics
        inputs={[metrics]}
        sets={[
          // This set knows no interval.
          ["Active basins", ({ start, end }) => metrics.account({ set: "active-basins", start, end })],
          ["Operations on the account", (range) => metrics.account({ set: "account-ops", ...range })],
        ]}
      />
    </>
  );
}

export function BasinMetrics({ basin }: { readonly basin: string }) {
  const { metrics } = client.value;
  return (
    <Metrics
      inputs={[metrics, basin]}
      sets={[
        ["Append throughput", (range) => metrics.basin({ basin, set: "append-throughput", ...range })],
        ["Read throughput", (range) => metrics.basin({ basin, set: "read-throughput", ...range })],
        ["Append operations", (range) => metrics.basin({ basin, set: "append-ops", ...range })],
        ["Read operations", (range) => metrics.basin({ basin, set: "read-ops", ...range })],
        ["Storage", ({ start, end }) => metrics.basin({ basin, set: "storage", start, end })],
        ["Other operations", (range) => metrics.basin({ basin, set: "basin-ops", ...range })],
      ]}
    />
  );
}

export function StreamMetrics({ basin, stream }: { readonly basin: string; readonly stream: string }) {
  const { metrics } = client.value;
  return (
    <Metrics
      inputs={[metrics, basin, stream]}
      sets={[["Storage", ({ start, end }) => metrics.stream({ basin, stream, set: "storage", start, end })]]}
    />
  );
}

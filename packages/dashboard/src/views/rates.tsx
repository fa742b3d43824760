import { useMemo } from "preact/hooks";
import type { RateMeter } from "../logic/rate-meter.js";
import { Plot } from "../parts/plot.js";
import { useTick } from "./record-status.js";

/** What this page has received by the second. */
export function Rates({ meter }: { readonly meter: RateMeter }) {
  const tick = useTick(1000);
  const points = useMemo(() => meter.points().slice(0, -1), [meter, tick]);
  const times = points.map((point) => point.second);
  return (
    <div class="plots rates">
      <Plot
        title="Records a second"
        height={120}
        chart={{
          unit: "records",
          isAccumulated: false,
          times,
          series: [{ name: "records", values: points.map((point) => point.records) }],
        }}
      />
      <Plot
        title="Bytes a second"
        height={120}
        chart={{
          unit: "bytes",
          isAccumulated: false,
          times,
          series: [{ name: "bytes", values: points.map((point) => point.bytes) }],
        }}
      />
    </div>
  );
}

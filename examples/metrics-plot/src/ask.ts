import { isS2Error, type S2, type S2Stream } from "@s2-dev/streamstore";
import { type Series, type Span, seriesOf } from "./series.js";

/** What the metrics say of a span of time. */
export interface Answer {
  readonly series: readonly Series[];
  /** Basins that had streams in it. */
  readonly basins: readonly string[];
}

/** Asks for metrics of the account, of a basin and of a stream. `undefined`: the server keeps none. */
export async function askMetrics(
  { metrics }: S2,
  { basin, name }: S2Stream,
  span: Span,
): Promise<Answer | undefined> {
  // Storage is a gauge, whose interval is its own.
  const { start, end } = span;
  try {
    const [operations, appended, read, stored, active] = await Promise.all([
      metrics.account({ set: "account-ops", ...span }),
      metrics.basin({ basin, set: "append-throughput", ...span }),
      metrics.basin({ basin, set: "read-throughput", ...span }),
      metrics.stream({ basin, stream: name, set: "storage", start, end }),
      metrics.account({ set: "active-basins", start, end }),
    ]);
    return {
      series: [
        ...seriesOf("account", operations.values, span),
        ...seriesOf("basin", appended.values, span),
        ...seriesOf("basin", read.values, span),
        ...seriesOf("stream", stored.values, span),
      ],
      basins: active.values.flatMap((metric) => ("label" in metric ? metric.label.values : [])),
    };
  } catch (error) {
    // The open-source server does not have these calls.
    if (isS2Error(error) && error.status === 501) return undefined;
    throw error;
  }
}

import { type Attributes, type Meter, ValueType } from "@opentelemetry/api";
import type { Activity, ConnectionInfo, Hooks, S2Error } from "@s2-dev/streamstore-core";
import { ATTRIBUTES, attributesOf, errorTypeOf, METRICS, operationTypeOf, serverOf } from "./attributes.js";

/** In seconds, as the semantic conventions advise. */
const BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Durations of calls and of acknowledgements, records sent and received, retries, open connections. */
export function metricsHooks(meter: Meter): Hooks {
  const duration = meter.createHistogram(METRICS.duration, {
    description:
      "Duration of a call, or of a batch in an append session from being sent to its acknowledgement.",
    unit: "s",
    advice: { explicitBucketBoundaries: BOUNDARIES },
  });
  const counter = (name: string, description: string, unit: string) =>
    meter.createCounter(name, { description, unit, valueType: ValueType.INT });
  const sent = counter(METRICS.sent, "Records whose append was acknowledged.", "{message}");
  const consumed = counter(METRICS.consumed, "Records that were received.", "{message}");
  const retries = counter(METRICS.retries, "Attempts that follow a failed one.", "{attempt}");
  const connections = meter.createUpDownCounter(METRICS.connections, {
    description: "Open connections.",
    unit: "{connection}",
    valueType: ValueType.INT,
  });
  const attributes = cached(attributesOf);
  const ofConnection = cached(({ origin, transport }: ConnectionInfo) => ({
    ...serverOf(origin),
    [ATTRIBUTES.transport]: transport,
  }));

  return {
    callFinished({ activity, durationMillis, records, error }) {
      duration.record(durationMillis / 1000, withError(attributes(activity), error));
      if (records === undefined) return;
      if (operationTypeOf(activity) === "send") sent.add(records, attributes(activity));
      else consumed.add(records, attributes(activity));
    },
    batchAcked({ activity, records, latencyMillis }) {
      duration.record(latencyMillis / 1000, attributes(activity));
      sent.add(records, attributes(activity));
    },
    batchReceived: ({ activity, records }) => consumed.add(records, attributes(activity)),
    retryScheduled: ({ activity, error }) => retries.add(1, withError(attributes(activity), error)),
    connectionOpened: ({ connection }) => connections.add(1, ofConnection(connection)),
    connectionClosed: ({ connection }) => connections.add(-1, ofConnection(connection)),
  };
}

function withError(attributes: Attributes, error: S2Error | undefined): Attributes {
  return error === undefined ? attributes : { ...attributes, [ATTRIBUTES.errorType]: errorTypeOf(error) };
}

/** Made once for each call, session or connection, and gone with it. */
function cached<K extends Activity | ConnectionInfo>(make: (key: K) => Attributes): (key: K) => Attributes {
  const known = new WeakMap<K, Attributes>();
  return (key) => {
    let attributes = known.get(key);
    if (attributes === undefined) {
      attributes = make(key);
      known.set(key, attributes);
    }
    return attributes;
  };
}

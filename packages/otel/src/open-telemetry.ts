import { type MeterProvider, metrics, type TracerProvider, trace } from "@opentelemetry/api";
import type { Hooks } from "@s2-dev/streamstore-core";
import { version } from "../package.json";
import { metricsHooks } from "./metrics.js";
import { tracingHooks } from "./tracing.js";

const NAME = "@s2-dev/streamstore-otel";

/** What telemetry is made. Both, to the global providers, unless told otherwise. */
export interface OpenTelemetryOptions {
  /** Where spans go; `false`: no spans. Default: the global provider. */
  readonly tracerProvider?: TracerProvider | false | undefined;
  /** Where metrics go; `false`: no metrics. Default: the global provider, which must be registered before this call. */
  readonly meterProvider?: MeterProvider | false | undefined;
}

/**
 * Hooks that make spans and metrics of what a client does, by the semantic conventions of messaging:
 * `new S2({ observer: createObserver(...openTelemetry()) })`.
 *
 * A call is a span, and so is each attempt of a session; all are children of what was active when the call was made or
 * the session started. Contents of records, tokens and keys are in neither.
 * @see https://opentelemetry.io/docs/specs/semconv/messaging/
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Hooks[] {
  const { tracerProvider = trace, meterProvider = metrics } = options;
  const hooks: Hooks[] = [];
  if (tracerProvider !== false) hooks.push(tracingHooks(tracerProvider.getTracer(NAME, version)));
  if (meterProvider !== false) hooks.push(metricsHooks(meterProvider.getMeter(NAME, version)));
  return hooks;
}

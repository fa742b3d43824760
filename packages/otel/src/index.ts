/**
 * OpenTelemetry for the S2 SDK: spans, metrics, and trace contexts in record headers.
 *
 * @packageDocumentation
 */
export { type OpenTelemetryOptions, openTelemetry } from "./open-telemetry.js";
export { linksOf, spanContextOf, TRACEPARENT, TRACESTATE, withTraceContext } from "./trace-context.js";

import { type Attributes, context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { createObserver } from "@s2-dev/streamstore-core";
import {
  createFakeClock,
  createScriptedTransport,
  createTestContext,
} from "@s2-dev/streamstore-core/testing";
import type { WireRequest } from "@s2-dev/streamstore-core/transport";
import { openTelemetry } from "../src/index.js";

/** One series of a metric: its attributes, and its sum or what its histogram counted. */
export interface Series {
  readonly attributes: Attributes;
  readonly value: unknown;
}

/** The real SDKs with exporters in memory, and an observed context on a scripted transport. */
export function createTelemetry() {
  const spans = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  // Exports when told to: the interval is never reached.
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 31 - 1 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  const clock = createFakeClock();
  const transport = createScriptedTransport();
  const observer = createObserver(...openTelemetry({ tracerProvider, meterProvider }));
  return {
    clock,
    transport,
    observer,
    tracerProvider,
    context: { ...createTestContext({ transport, clock }), observer },
    spans: (): ReadableSpan[] => spans.getFinishedSpans(),
    /** Every series of a metric so far. */
    async series(name: string): Promise<Series[]> {
      await meterProvider.forceFlush();
      const last = exporter.getMetrics().at(-1);
      const metrics = last?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
      return metrics
        .filter(({ descriptor }) => descriptor.name === name)
        .flatMap(({ dataPoints }) => dataPoints.map(({ attributes, value }) => ({ attributes, value })));
    },
    close: () => meterProvider.shutdown(),
  };
}

export type Telemetry = ReturnType<typeof createTelemetry>;

/** Lets spans be active across awaits, until the function returned is called. */
export function enableContext(): () => void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return () => {
    context.disable();
    trace.disable();
  };
}

export const recordsRequest: WireRequest = {
  method: "POST",
  url: "https://my-basin.b.test:8443/v1/streams/events/records",
  headers: {},
};

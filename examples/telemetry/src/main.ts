import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { createObserver, S2 } from "@s2-dev/streamstore";
import { linksOf, openTelemetry, withTraceContext } from "@s2-dev/streamstore-otel";

// A program has these already; here spans are kept in memory.
const spans = new InMemorySpanExporter();
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

const s2 = new S2({ observer: createObserver(...openTelemetry()) });
const stream = s2.basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("orders");
const tracer = trace.getTracer("shop");

// The record carries the context of the span in which it was appended.
const { start } = await tracer.startActiveSpan("checkout", async (span) => {
  const ack = await stream.append(withTraceContext({ body: "order 1" }));
  span.end();
  return ack;
});

// Whoever processes it links to that span, across processes and time.
const { records } = await stream.read({ seq_num: start.seq_num });
tracer.startActiveSpan("fulfil", { links: linksOf(records) }, (span) => span.end());

for (const { name, links } of spans.getFinishedSpans()) console.log(name, links.length);
await s2.close();

import {
  type Context,
  context,
  createTraceState,
  isSpanContextValid,
  type Link,
  type SpanContext,
  trace,
} from "@opentelemetry/api";
import type { AppendRecordInput, BytesReadRecord, StringReadRecord } from "@s2-dev/streamstore-core";

type Headers = NonNullable<AppendRecordInput["headers"]>;

/** Name of the header that carries a trace context. @see https://www.w3.org/TR/trace-context/ */
export const TRACEPARENT = "traceparent";
/** Name of the header beside it for what vendors add; left out where there is nothing. @see https://www.w3.org/TR/trace-context/ */
export const TRACESTATE = "tracestate";

/** More links than this a span does not keep, unless its provider is told to. */
const MAX_LINKS = 128;

/**
 * The same record with the active span's context in its headers `traceparent` and, if there is one, `tracestate`, which
 * add up to 200 metered bytes. A record is returned as it is when no span is active, when it has a `traceparent`, or
 * when it is a command, which must have no other header.
 */
export function withTraceContext<R extends AppendRecordInput>(
  record: R,
  active: Context = context.active(),
): R | (R & { readonly headers: Headers }) {
  const span = trace.getSpanContext(active);
  if (span === undefined || !isSpanContextValid(span)) return record;
  const given = record.headers ?? [];
  const names = Array.isArray(given) ? given.map(([name]) => textOf(name)) : Object.keys(given);
  if (names.includes(TRACEPARENT) || names.includes("")) return record;
  const added: [string, string][] = [[TRACEPARENT, traceparentOf(span)]];
  const state = span.traceState?.serialize();
  if (state !== undefined && state !== "") added.push([TRACESTATE, state]);
  const headers: Headers = Array.isArray(given)
    ? [...given, ...added]
    : { ...given, ...Object.fromEntries(added) };
  return { ...record, headers };
}

/** The context of the span in which a record was appended, if its headers carry one. */
export function spanContextOf(record: StringReadRecord | BytesReadRecord): SpanContext | undefined {
  const parent = headerOf(record, TRACEPARENT);
  // Later versions may have further fields behind these.
  const match = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(parent ?? "");
  if (match === null) return undefined;
  const [, version, traceId = "", spanId = "", flags = "", more] = match;
  if (version === "00" && more !== undefined) return undefined;
  const state = headerOf(record, TRACESTATE);
  const span: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1,
    isRemote: true,
    ...(state === undefined ? {} : { traceState: createTraceState(state) }),
  };
  return isSpanContextValid(span) ? span : undefined;
}

/**
 * Links to the spans in which these records were appended, each once, for the span that processes them:
 * `tracer.startActiveSpan("process", { links: linksOf(batch.records) }, ...)`. At most 128.
 */
export function linksOf(records: Iterable<StringReadRecord | BytesReadRecord>): Link[] {
  const links = new Map<string, Link>();
  for (const record of records) {
    const span = spanContextOf(record);
    if (span === undefined) continue;
    const key = `${span.traceId}-${span.spanId}`;
    if (!links.has(key)) links.set(key, { context: span });
    if (links.size === MAX_LINKS) break;
  }
  return [...links.values()];
}

function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}

function headerOf({ headerList }: StringReadRecord | BytesReadRecord, wanted: string): string | undefined {
  for (const [name, value] of headerList) {
    if (name.length === wanted.length && textOf(name) === wanted) return textOf(value);
  }
  return undefined;
}

function textOf(value: string | Uint8Array): string {
  return typeof value === "string" ? value : new TextDecoder().decode(value);
}

import {
  type Attributes,
  type Context,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
} from "@opentelemetry/api";
import type { Activity, EventMap, Hooks, S2Error } from "@s2-dev/streamstore-core";
import { ATTRIBUTES, attributesOf, errorTypeOf, operationTypeOf } from "./attributes.js";

/** An attempt of a session, while it lasts. */
interface TracedAttempt {
  readonly span: Span;
  records: number;
  bytes: number;
}

/** A session between its start and its end. */
interface TracedSession {
  /** What was active when the program started the session: the parent of every attempt. */
  readonly parent: Context;
  readonly attempts: Map<number, TracedAttempt>;
  /** What happened between two attempts; told by the next one. */
  readonly between: [name: string, attributes: Attributes][];
}

/** One span a call, and one each attempt of a session. */
export function tracingHooks(tracer: Tracer): Hooks {
  const calls = new Map<Activity, Span>();
  const sessions = new Map<Activity, TracedSession>();

  function addEvent({ activity, attempt }: OfAttempt, name: string, attributes: Attributes): void {
    const session = sessions.get(activity);
    const span = calls.get(activity) ?? session?.attempts.get(attempt)?.span;
    if (span !== undefined) span.addEvent(name, attributes);
    else session?.between.push([name, attributes]);
  }

  function count({ activity, attempt, records, bytes }: EventMap["batchReceived" | "batchAcked"]): void {
    const traced = sessions.get(activity)?.attempts.get(attempt);
    if (traced === undefined) return;
    traced.records += records;
    traced.bytes += bytes;
  }

  return {
    callStarted({ activity }) {
      calls.set(activity, startSpan(tracer, activity, {}, context.active()));
    },
    callFinished({ activity, records, requestBytes, responseBytes, error }) {
      const span = calls.get(activity);
      calls.delete(activity);
      if (span === undefined) return;
      if (records !== undefined) span.setAttribute(ATTRIBUTES.messageCount, records);
      const type = operationTypeOf(activity);
      if (type !== undefined) {
        span.setAttribute(ATTRIBUTES.bodySize, type === "send" ? requestBytes : responseBytes);
      }
      endSpan(span, error);
    },
    sessionStarted({ activity }) {
      sessions.set(activity, { parent: context.active(), attempts: new Map(), between: [] });
    },
    attemptStarted({ activity, attempt }) {
      const session = sessions.get(activity);
      if (session === undefined) return;
      const span = startSpan(tracer, activity, { [ATTRIBUTES.attempt]: attempt }, session.parent);
      session.attempts.set(attempt, { span, records: 0, bytes: 0 });
      for (const [name, attributes] of session.between.splice(0)) span.addEvent(name, attributes);
    },
    attemptEnded({ activity, attempt, error }) {
      const attempts = sessions.get(activity)?.attempts;
      const traced = attempts?.get(attempt);
      if (traced === undefined) return;
      attempts?.delete(attempt);
      traced.span.setAttributes({
        [ATTRIBUTES.messageCount]: traced.records,
        [ATTRIBUTES.bodySize]: traced.bytes,
      });
      endSpan(traced.span, error);
    },
    sessionEnded({ activity }) {
      sessions.delete(activity);
    },
    batchAcked: count,
    batchReceived: count,
    retryScheduled(event) {
      addEvent(event, "s2.retry", {
        [ATTRIBUTES.delay]: event.delayMillis,
        [ATTRIBUTES.errorType]: errorTypeOf(event.error),
      });
    },
    resumed(event) {
      const from = event.from === undefined ? {} : { [ATTRIBUTES.resumedFrom]: event.from.seq_num };
      addEvent(event, "s2.resumed", from);
    },
    reconnectAdvised(event) {
      addEvent(event, "s2.reconnect_advised", { [ATTRIBUTES.adviceReason]: event.reason });
    },
  };
}

type OfAttempt = Pick<EventMap["attemptStarted"], "activity" | "attempt">;

function startSpan(tracer: Tracer, activity: Activity, more: Attributes, parent: Context): Span {
  const { operation, stream, basin, transport } = activity;
  const target = stream ?? basin;
  const name = target === undefined ? operation : `${operation} ${target}`;
  const attributes = { ...attributesOf(activity), [ATTRIBUTES.transport]: transport, ...more };
  return tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent);
}

function endSpan(span: Span, error: S2Error | undefined): void {
  if (error !== undefined) {
    span.setAttribute(ATTRIBUTES.errorType, errorTypeOf(error));
    // The consumer's own wish is no failure.
    if (error.code !== "ABORTED") span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  }
  span.end();
}

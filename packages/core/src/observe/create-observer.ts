import { invalidArgument, s2ErrorFromUnknown, show } from "../error/make.js";
import { decodeAppendResponse } from "../rest/append-response.js";
import { decodeReadResponse } from "../rest/read-response.js";
import type { SessionContext } from "../session/context.js";
import type { Observer } from "../session/observer.js";
import { CONNECTION_HOOK_NAMES, type ConnectionHooks } from "../transport/connection-hooks.js";
import type { WireRequest } from "../transport/index.js";
import { guardHooks } from "../util/hooks.js";
import { activityOf } from "./activity.js";
import { ActivityReport } from "./activity-report.js";
import { type Activity, EVENT_NAMES, type Hooks } from "./hooks.js";
import { observeTransport } from "./observed-transport.js";

/**
 * Makes what a client takes as its `observer`, out of one or more sets of hooks:
 * `new S2({ observer: createObserver(logEvents(console), { retryScheduled: ... }) })`.
 * Each event goes to every set, in order. One observer can serve several clients.
 *
 * @throws S2Error `INVALID_ARGUMENT` for what is no object, or a hook that is no function.
 */
export function createObserver(...sets: readonly Hooks[]): Observer {
  for (const hooks of sets) checkHooks(hooks);
  const hooks = guardHooks(EVENT_NAMES, sets, (hook, error) => {
    if (hook !== "hookFailed") hooks.hookFailed?.({ hook, error });
  });
  let count = 0;
  const begin = (kind: Activity["kind"], context: SessionContext, request: WireRequest): ActivityReport => {
    count += 1;
    const { transport, clock } = context;
    return new ActivityReport(hooks, clock, activityOf(count, kind, request, transport.name));
  };
  return {
    connections: connectionsOf(hooks),
    async call(context, request, make) {
      const report = begin("call", context, request);
      report.callStarted();
      try {
        const result = await make(observedContext(context, report));
        report.callFinished(undefined, recordsOf(report));
        return result;
      } catch (thrown) {
        report.callFinished(s2ErrorFromUnknown(thrown), undefined);
        throw thrown;
      }
    },
    session(kind, context, request) {
      const report = begin(kind, context, request);
      report.sessionStarted();
      return {
        context: observedContext(context, report),
        ended: (failure) => report.sessionEnded(failure),
      };
    },
  };
}

/** The same surroundings, with a report of what passes through them. */
function observedContext(context: SessionContext, report: ActivityReport): SessionContext {
  const { credentials, retry } = context;
  return {
    ...context,
    observer: undefined,
    transport: observeTransport(context.transport, report),
    retry: { ...retry, onRetry: (error, delay) => report.retryScheduled(error, delay) },
    credentials: {
      authorization: () => credentials.authorization(),
      renew(refused) {
        const renewed = credentials.renew(refused);
        if (renewed) report.tokenRenewed();
        return renewed;
      },
    },
  };
}

function connectionsOf(hooks: Hooks): ConnectionHooks {
  return Object.fromEntries(CONNECTION_HOOK_NAMES.map((name) => [name, hooks[name]]));
}

/** How many records a call appended or read, as far as its answer tells. */
function recordsOf({ activity: { operation }, response }: ActivityReport): number | undefined {
  if (response === undefined) return undefined;
  try {
    if (operation === "read") {
      return decodeReadResponse(response, { as: "bytes", unsafeTimestamps: "saturate" }).records.length;
    }
    if (operation !== "append") return undefined;
    const { start, end } = decodeAppendResponse(response);
    return end.seq_num - start.seq_num;
  } catch {
    // Whoever asked for the answer is told what is wrong with it.
    return undefined;
  }
}

function checkHooks(hooks: Hooks): void {
  if (typeof hooks !== "object" || hooks === null) {
    throw invalidArgument(`hooks must be an object; got ${show(hooks)}`);
  }
  for (const name of EVENT_NAMES) {
    const hook: unknown = hooks[name];
    if (hook !== undefined && typeof hook !== "function") {
      throw invalidArgument(`the hook ${name} must be a function; got ${show(hook)}`);
    }
  }
  // An instance of a class may have members besides; a plain object with a name that is none is a slip.
  if (Object.getPrototypeOf(hooks) !== Object.prototype) return;
  const unknown = Object.keys(hooks).find((name) => !(EVENT_NAMES as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw invalidArgument(`there is no event ${show(unknown)}; the events are ${EVENT_NAMES.join(", ")}`);
  }
}

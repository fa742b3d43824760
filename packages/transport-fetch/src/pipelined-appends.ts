import { type Clock, checkMillis, createSystemClock } from "@s2-dev/streamstore-core/transport";
import { postedAppends } from "./append-link.js";
import type { FetchContext } from "./context.js";
import { PipelinedAppendLink } from "./pipelined-link.js";
import type { AppendProtocol } from "./protocols.js";

/** Options of `pipelinedAppends`. */
export interface PipelinedAppendsOptions {
  /**
   * How long the first session on an origin waits for the server to answer while its request is not over, in
   * milliseconds, above 0. Default 1000. When it does not, something on the way holds requests back.
   */
  readonly probeTimeoutMillis?: number | undefined;
  /** Where time comes from. Default: the system's clock. */
  readonly clock?: Clock | undefined;
}

/** What is known of the way to each origin: whether answers come while a request is still being sent. */
export type DuplexVerdicts = Map<string, boolean>;

const DEFAULT_PROBE_TIMEOUT_MILLIS = 1000;

/**
 * Append sessions over one streamed request: many batches under way at once, in the frames of the s2s protocol,
 * acknowledged by the streamed answer. This needs a wire that is full duplex, as HTTP/1.1 of Node.js, Bun, Deno and
 * workers is when nothing in between holds requests back. The first session on an origin finds out: it sends the first
 * four bytes of its first batch, of which nothing can come, and goes on when the answer begins. Otherwise, and wherever
 * request bodies cannot be streamed, it appends by one POST at a time.
 *
 * Pass what it gives as `appends` to `createFetchTransport`.
 *
 * @throws S2Error `INVALID_ARGUMENT`.
 * @see https://s2.dev/docs/api/records/overview
 */
export function pipelinedAppends(options: PipelinedAppendsOptions = {}): AppendProtocol {
  const { probeTimeoutMillis = DEFAULT_PROBE_TIMEOUT_MILLIS, clock = createSystemClock() } = options;
  checkMillis(probeTimeoutMillis, "probeTimeoutMillis", 1);
  const verdicts = new WeakMap<FetchContext, DuplexVerdicts>();

  function verdictsOf(context: FetchContext): DuplexVerdicts {
    const known = verdicts.get(context) ?? new Map<string, boolean>();
    verdicts.set(context, known);
    return known;
  }

  return {
    check() {},
    open(request, events, attempt, context) {
      const known = verdictsOf(context);
      const { origin } = new URL(request.url);
      if (known.get(origin) === false || !canStreamRequests(context)) {
        return postedAppends.open(request, events, attempt, context);
      }
      const probe = { millis: probeTimeoutMillis, clock, verdicts: known, origin };
      return new PipelinedAppendLink(request, events, attempt, context, probe);
    },
  };
}

/** A runtime that cannot makes a text of the stream and never looks at `duplex`. */
function canStreamRequests({ runtime }: FetchContext): boolean {
  if (runtime.streamsRequests !== undefined) return runtime.streamsRequests;
  let asked = false;
  try {
    const init = {
      method: "POST",
      body: new ReadableStream(),
      get duplex() {
        asked = true;
        return "half";
      },
    };
    return !new Request("https://localhost/", init as RequestInit).headers.has("content-type") && asked;
  } catch {
    return false;
  }
}

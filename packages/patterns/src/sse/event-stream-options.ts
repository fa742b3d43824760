import {
  invalidArgument,
  type ReadArgs,
  type ReadRecord,
  type RecordFormat,
  type S2Error,
} from "@s2-dev/streamstore-core";
import {
  type Clock,
  checkInteger,
  checkMillis,
  createSystemClock,
  MAX_TIMER,
  show,
} from "@s2-dev/streamstore-core/transport";
import { checkOptions, type OptionNames } from "../options/check-options.js";
import { checkResponseOptions } from "../options/check-response.js";
import { checkFlag, checkFunction } from "../options/check-values.js";
import type { GapPolicy } from "../reading/replay-gap.js";
import { recordToJson, type StreamEvent } from "./event-text.js";
import { errorListener } from "./handler-arguments.js";

/** What of a stream is sent as events, and how. */
export interface EventStreamOptions<F extends RecordFormat = "string">
  extends Pick<ReadArgs<F>, "as" | "clamp" | "seq_num" | "tail_offset" | "timestamp" | "unsafeTimestamps"> {
  /**
   * The cursor of a page that was loaded anew, which an `EventSource` cannot send by itself: for example a query
   * parameter. `Last-Event-ID` wins over it, and it over the start. Empty and `null`: none.
   */
  readonly cursor?: string | null | undefined;
  /** Seconds without a record after which the stream of events ends for good. Default: it does not end. */
  readonly wait?: number | undefined;
  /** Timestamp at which the stream of events ends for good, exclusive. */
  readonly until?: number | undefined;
  /** Send command records (fence, trim) too. Default false. */
  readonly commands?: boolean | undefined;
  /** The event of a record; `undefined` sends none. Default: a `message` of JSON, as `recordToJson` makes it. */
  readonly encode?: ((record: ReadRecord<F>) => StreamEvent | undefined) | undefined;
  /**
   * What happens when records after the reader's position have been trimmed or have expired. `"event"` (default): an event
   * `gap` of `{ expected, found }`, and on with what is left. `"error"`: 410 and the same in JSON, which an `EventSource`
   * does not come back from. A function is told, and no event is sent.
   */
  readonly onGap?: "event" | GapPolicy | undefined;
  /** Milliseconds of silence after which a comment keeps the connection open. Default 15,000. */
  readonly heartbeatMillis?: number | undefined;
  /** After how many milliseconds a reader that lost its connection should come back. Default 2000. */
  readonly retryMillis?: number | undefined;
  /** Headers of the answer, besides its own; for example for other origins. */
  readonly headers?: Headers | Readonly<Record<string, string>> | [string, string][] | undefined;
  /** Ends the stream of events: its reader comes back. For a server that shuts down. */
  readonly signal?: AbortSignal | undefined;
  /** Told of what went wrong behind the server, which its reader is not told more about than a code. */
  readonly onError?: ((error: S2Error) => void) | undefined;
  /** Time for the heartbeat. Default: the runtime's. */
  readonly clock?: Clock | undefined;
}

/** Completed options. */
export interface EventStreamSettings<F extends RecordFormat> {
  readonly encode: (record: ReadRecord<F>) => StreamEvent | undefined;
  readonly commands: boolean;
  readonly onGap: "event" | GapPolicy;
  readonly heartbeatMillis: number;
  readonly retryMillis: number;
  readonly onError: (error: S2Error) => void;
  readonly clock: Clock;
}

const NAMES: OptionNames<EventStreamOptions> = {
  as: true,
  clamp: true,
  seq_num: true,
  tail_offset: true,
  timestamp: true,
  unsafeTimestamps: true,
  cursor: true,
  wait: true,
  until: true,
  commands: true,
  encode: true,
  onGap: true,
  heartbeatMillis: true,
  retryMillis: true,
  headers: true,
  signal: true,
  onError: true,
  clock: true,
};

const DEFAULT_HEARTBEAT = 15_000;
const DEFAULT_RETRY = 2_000;

/** Checks the options and fills in the defaults. Throws `INVALID_ARGUMENT`. */
export function resolveEventStreamSettings<F extends RecordFormat>(
  options: EventStreamOptions<F>,
): EventStreamSettings<F> {
  checkOptions<EventStreamOptions<F>>(options, "an event stream", NAMES);
  checkResponseOptions(options);
  checkFunction(options.encode, "encode");
  checkFlag(options.commands, "commands");
  const { heartbeatMillis = DEFAULT_HEARTBEAT, retryMillis = DEFAULT_RETRY, onGap = "event" } = options;
  checkMillis(heartbeatMillis, "heartbeatMillis", 1);
  // The protocol of event streams takes digits alone.
  checkInteger(retryMillis, "retryMillis", 0, MAX_TIMER);
  if (onGap !== "event" && onGap !== "error" && typeof onGap !== "function") {
    throw invalidArgument(`onGap must be "event", "error" or a function; got ${show(onGap)}`);
  }
  const { commands = false, clock = createSystemClock(), encode = encodeAsJson } = options;
  return { encode, commands, onGap, heartbeatMillis, retryMillis, onError: errorListener(options), clock };
}

function encodeAsJson(record: ReadRecord<RecordFormat>): StreamEvent {
  return { data: recordToJson(record) };
}

import type {
  AppendSessionOptions,
  BasinConfig,
  ExactlyOnceOptions,
  ReadArgs,
  RetryConfig,
  StreamConfig,
} from "@s2-dev/streamstore-core";
import type { EndpointNames } from "@s2-dev/streamstore-core/client";
import { invalidArgument, s2ErrorFromUnknown } from "@s2-dev/streamstore-core/client";
import type { OperationName } from "@s2-dev/streamstore-core/operations";
import { lettersOf } from "@s2-dev/streamstore-core/transport";
import type {
  AppendOptions,
  ClientRetryConfig,
  CreateOptions,
  DeleteOptions,
  Http2Options,
  OptionsKind,
  ReadSessionOptions,
  S2ClientOptions,
  StreamOptions,
} from "./options.js";

/** The names of one object of options; text says where an option belongs that is often put here. */
interface Names {
  readonly [name: string]: true | Names | string;
}

/** Every name of these types: one that is forgotten does not compile. */
type NamesOf<T> = Record<keyof T, true | Names>;

const RETRY: NamesOf<RetryConfig> = {
  maxAttempts: true,
  minBaseDelayMillis: true,
  maxBaseDelayMillis: true,
  retryBackoffDurationMillis: true,
  appendRetryPolicy: true,
  requestTimeoutMillis: true,
};
const CLIENT_RETRY: NamesOf<ClientRetryConfig> = { ...RETRY, connectionTimeoutMillis: true };
const ENDPOINTS: NamesOf<EndpointNames> = { account: true, basin: true };
const HTTP2: NamesOf<Http2Options> = {
  initialStreamWindowSize: true,
  connectionWindowSize: true,
  maxStreamsPerConnection: true,
  keepAliveIntervalMillis: true,
  keepAliveTimeoutMillis: true,
  idleTimeoutMillis: true,
};
const CLIENT: NamesOf<S2ClientOptions> = {
  accessToken: true,
  endpoints: ENDPOINTS,
  baseUrl: true,
  makeBasinBaseUrl: true,
  retry: CLIENT_RETRY,
  requestTimeoutMillis: true,
  connectionTimeoutMillis: true,
  transport: true,
  forceTransport: true,
  fetch: true,
  connect: true,
  compression: true,
  http2: HTTP2,
  observer: true,
  logger: true,
};
const STREAM: NamesOf<StreamOptions> = { forceTransport: true, encryptionKey: true };
const CALL: NamesOf<CreateOptions & DeleteOptions> = {
  signal: true,
  deadlineMillis: true,
  requestToken: true,
  ignoreNotFound: true,
};
const READ_SESSION: NamesOf<ReadSessionOptions> = { signal: true, retry: RETRY };
const OPEN_APPEND: NamesOf<Pick<CreateOptions, "signal">> = { signal: true };
const APPEND: NamesOf<AppendOptions> = { match_seq_num: true, fencing_token: true, streamConfig: true };
const APPEND_SESSION: NamesOf<AppendSessionOptions> = {
  streamConfig: true,
  maxInflightBytes: true,
  maxInflightBatches: true,
  exactlyOnce: { markerHeader: true } satisfies NamesOf<ExactlyOnceOptions>,
  retry: RETRY,
};
const READ: NamesOf<ReadArgs> = {
  seq_num: true,
  timestamp: true,
  tail_offset: true,
  clamp: true,
  count: true,
  bytes: true,
  until: true,
  wait: true,
  ignoreCommandRecords: true,
  as: true,
  streamConfig: true,
  unsafeTimestamps: true,
};

const IN_CALL = "it belongs to the options of the call, its last argument";
const OF_CALLS = "it is of calls; a session ends by its signal";
const IN_READ = "it belongs to what is read, the first argument";
const IN_CAMEL = "it is of the API of 0.21 and later: see @s2-dev/streamstore/camel";

/** How other logs call the start of a read: passed over, it would be a read from the tail. */
const START = "seq_num, timestamp or tail_offset says where a read starts";

const IN_LIST_ALL = "listAll has it, called includeDeleted";

const OPTIONS: Record<OptionsKind, readonly [what: string, names: Names]> = {
  client: ["S2", CLIENT],
  stream: ["a stream", STREAM],
  call: ["a call", { ...CALL, as: IN_READ, retry: "it belongs to the client, or to a session" }],
  append: ["an append", { ...APPEND, signal: IN_CALL, retry: "it belongs to the client, or to a session" }],
  appendSession: ["an append session", { ...APPEND_SESSION, signal: IN_CALL }],
  readSession: ["a read session", { ...READ_SESSION, as: IN_READ, deadlineMillis: OF_CALLS }],
  openAppend: [
    "the opening of an append session",
    { ...OPEN_APPEND, retry: "it belongs to the session, the first argument", deadlineMillis: OF_CALLS },
  ],
  read: [
    "a read",
    {
      ...READ,
      signal: IN_CALL,
      retry: IN_CALL,
      start: IN_CAMEL,
      stop: IN_CAMEL,
      from: START,
      offset: START,
      limit: "it is called count",
    },
  ],
};

const STREAM_CONFIG: NamesOf<StreamConfig> = {
  storage_class: true,
  retention_policy: true,
  timestamping: true,
  delete_on_empty: true,
};
const BASIN_CONFIG: NamesOf<BasinConfig> = {
  default_stream_config: true,
  stream_cipher: true,
  create_stream_on_append: true,
  create_stream_on_read: true,
};

/** What is often put into the arguments of a call of the control plane, and belongs elsewhere. */
function misplacedIn(operation: OperationName): Names {
  const inCall = Object.fromEntries(Object.keys(CALL).map((name) => [name, IN_CALL]));
  if (operation.startsWith("list_"))
    return { ...inCall, includeDeleted: IN_LIST_ALL, include_deleted: IN_LIST_ALL };
  const [, verb, kind] = /^(create|ensure|reconfigure)_(basin|stream)$/.exec(operation) ?? [];
  if (verb === undefined) return inCall;
  if (verb === "reconfigure") return { ...inCall, config: "its fields stand beside the name" };
  const fields = Object.keys(kind === "basin" ? BASIN_CONFIG : STREAM_CONFIG);
  const spellings = fields.flatMap((name) => [name, camelCase(name)]);
  return { ...inCall, ...Object.fromEntries(spellings.map((name) => [name, "it belongs into config"])) };
}

function camelCase(name: string): string {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

function isOptionsKind(kind: string): kind is OptionsKind {
  return Object.hasOwn(OPTIONS, kind);
}

/**
 * Throws `INVALID_ARGUMENT` for an option that is called nearly like one there is, or is often put in the wrong place.
 * What resembles nothing passes: options of a later version, and what a program keeps beside its own.
 */
export function checkNames(options: unknown, kind: OptionsKind | OperationName): void {
  const [what, names] = isOptionsKind(kind) ? OPTIONS[kind] : [kind, misplacedIn(kind)];
  visit(options, names, "", what);
}

function visit(options: unknown, names: Names, path: string, what: string): void {
  // What is wrong with anything but an object is said elsewhere.
  if (typeof options !== "object" || options === null) return;
  for (const name of readable(() => Object.keys(options), "the names", what)) {
    const value = readable(() => (options as Readonly<Record<string, unknown>>)[name], path + name, what);
    const known = Object.hasOwn(names, name) ? names[name] : undefined;
    if (value === undefined || known === true) continue;
    if (typeof known === "object") {
      visit(value, known, `${path}${name}.`, what);
      continue;
    }
    const near = nearest(name, names);
    const advice = known ?? (near && `did you mean ${path}${near}?`);
    if (advice !== undefined) throw invalidArgument(`${path}${name} is not an option of ${what}: ${advice}`);
  }
}

/** Reads what may be a getter or a proxy of the caller's: if it throws, the option is named. */
function readable<T>(read: () => T, field: string, what: string): T {
  try {
    return read();
  } catch (thrown) {
    throw s2ErrorFromUnknown(thrown, `${field} of ${what} could not be read`, "INVALID_ARGUMENT");
  }
}

const UNIT = /(ms|millis|milliseconds|secs|seconds)$/;

/** The name that one was most likely meant to be, if any. */
function nearest(given: string, names: Names): string | undefined {
  const letters = lettersOf(given).replace(UNIT, "");
  let least = Number.POSITIVE_INFINITY;
  let near: string | undefined;
  for (const [name, known] of Object.entries(names)) {
    const other = lettersOf(name).replace(UNIT, "");
    if (typeof known === "string") continue;
    const far = other.startsWith(letters) && letters.length > 4 ? 1 : distance(letters, other);
    if (far > 0 && (other.length < 4 || far > Math.max(1, other.length / 5))) continue;
    if (far < least) [least, near] = [far, name];
  }
  return near;
}

/** Letters to add, remove or replace to get from one word to the other. */
function distance(from: string, to: string): number {
  let row = Array.from(to, (_, index) => index + 1);
  for (const [index, letter] of [...from].entries()) {
    let diagonal = index;
    let left = index + 1;
    row = row.map((above, column) => {
      const replaced = diagonal + (to[column] === letter ? 0 : 1);
      diagonal = above;
      left = Math.min(above + 1, left + 1, replaced);
      return left;
    });
  }
  return row.at(-1) ?? from.length;
}

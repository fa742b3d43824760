import { type Deviation, type DeviationRow, deviation } from "./types.js";

const BEHAVIOURS = "conformance/src/behaviours";
const NOTHING = "nothing";
const STRICTER = "Who gets by here would not get by there.";
const WIRE = "It is what the clients of the service speak.";

const rows: readonly DeviationRow[] = [
  // What there is.
  [
    "access tokens and metrics",
    "operations of the account",
    "501 `not_implemented`",
    "specification",
    "They are what the hosted service has, and what cannot be tried offline elsewhere.",
    `${BEHAVIOURS}/account.ts > issues access tokens, lists them without their secrets, and revokes them`,
    `${BEHAVIOURS}/account.ts > tells what was appended to a basin and read from it`,
    `${BEHAVIOURS}/basins.ts > has no access tokens, metrics and locations`,
  ],
  [
    "who may call",
    "a bearer token, else 403; no 401",
    "everybody, whatever the token",
    "s2-lite",
    "That is the default. With `auth`, a token that is none is 401 `authn`, as the service's clients know it, and one without the right 403.",
    `${BEHAVIOURS}/http.ts > looks at no token`,
    "local/test/access/operations.test.ts > is refused without a token, and with one that is none",
  ],
  [
    "locations",
    "a basin has a `scope`, one of three; no operations",
    "a basin has a `location`, always null; the operations are 501",
    "its own",
    "The service has since put locations in the place of scopes. A basin keeps the one that it was given.",
    `${BEHAVIOURS}/account.ts > puts a basin where it was asked to be`,
    `${BEHAVIOURS}/account.ts > lists locations, and says which is the default`,
    `${BEHAVIOURS}/basins.ts > takes a location, and leaves it at that`,
  ],
  [
    "operations that a scope can name",
    "21",
    "24, with those of locations",
    "s2-lite",
    "The three came with the locations. A name that is unknown would be a 400.",
    "local/test/access/operations.test.ts > is refused to a token that may do everything but %s",
  ],
  [
    "estimated usage among the account's metrics",
    "no such set, no unit `usd`",
    "501; the set is known to its parser",
    "its own",
    "The service has it since. It costs nothing here: the series are empty.",
    `${BEHAVIOURS}/account.ts > tells which basins are active, and what was asked of the account`,
  ],

  // Names and bodies.
  [
    "the basin of a stream route",
    "in the host's name",
    "in the header `s2-basin`, which must be there",
    "s2-lite",
    "One address serves all basins; clients send the header when their endpoint has no basin in it.",
    `${BEHAVIOURS}/naming.ts > refuses a stream route without a basin`,
  ],
  [
    "lengths of names and tokens",
    "characters",
    "bytes in UTF-8; basins are lower-case letters, digits and hyphens",
    "s2-lite",
    STRICTER,
    `${BEHAVIOURS}/naming.ts > refuses what cannot name a stream`,
    `${BEHAVIOURS}/conditions.ts > refuses a token of 37 bytes`,
  ],
  [
    "what breaks a rule",
    "400",
    "422 `invalid`, and 400 with the code of the place for what cannot be parsed",
    "s2-lite",
    "Clients decide by status and code.",
    `${BEHAVIOURS}/reading.ts > refuses more than one start, and a timestamp that is not before \`until\``,
    `${BEHAVIOURS}/appending.ts > refuses a batch that is empty, too long or too large, and appends nothing of it`,
  ],
  [
    "content encodings of requests",
    NOTHING,
    "gzip and zstd, in lower case; else 415 without a body",
    "its own",
    "As there, but in any case, as HTTP has it; zstd where the runtime has it (Node 22.15).",
    `${BEHAVIOURS}/http-encodings.ts > takes bodies that are compressed with gzip`,
    `${BEHAVIOURS}/http-encodings.ts > knows encodings by their names in lower case only`,
  ],
  [
    "content types of records",
    "JSON, and event streams for reads",
    "protobuf and sessions in frames as well",
    "s2-lite",
    WIRE,
    `${BEHAVIOURS}/negotiating.ts > takes JSON and protobuf appends by their content type`,
    `${BEHAVIOURS}/session-opening.ts > answers an append session before any input`,
  ],
  [
    "`s2-stream-config` and `Last-Event-ID`",
    "no such headers",
    "the configuration of a stream that is created by the way; where an event stream goes on",
    "s2-lite",
    "They came later.",
    `${BEHAVIOURS}/auto-creating.ts > lays the configuration in the header over the basin's default`,
    `${BEHAVIOURS}/event-streams.ts > goes on from an id, and lessens the limits by what it counts`,
  ],
  [
    "408",
    "of every operation",
    "of none",
    "its own",
    "For a body that does not come in time (`timeouts`), and so for operations that have one.",
    "local/test/timeouts.test.ts > is told that the body of its request did not come, and is left after that",
  ],

  // Provisioning.
  [
    "creating a basin again with the same token",
    "200 or 201",
    "201, and `s2-provision-result: noop`",
    "s2-lite",
    "The header tells; a client that looks at the status has to take both.",
    `${BEHAVIOURS}/basins.ts > answers creation with 201 and says so, replays alike`,
  ],
  [
    "a basin or stream that is being deleted",
    "no 409 for ensuring or changing a basin",
    "409 `basin_deletion_pending`",
    "s2-lite",
    "Nothing else could be said.",
    `${BEHAVIOURS}/deleting.ts > takes no change to a basin that is being deleted, and goes on listing it`,
  ],
  [
    "`create_stream_on_…: null` in a change",
    "allowed",
    "400 `bad_json`",
    "s2-lite",
    STRICTER,
    `${BEHAVIOURS}/basins.ts > does not let a change set a switch to null`,
  ],
  [
    "storage classes",
    "`standard` and `express`",
    "any text",
    "s2-lite",
    "The service has made it free since.",
    `${BEHAVIOURS}/streams.ts > stores a storage class it does not know`,
  ],
  [
    "a retention of 0 seconds",
    "allowed by the schema, refused by the words beside it",
    "422 `invalid`",
    "s2-lite",
    "The words are meant.",
    `${BEHAVIOURS}/streams.ts > takes no retention of 0 seconds`,
  ],
  [
    "`limit` of a listing",
    "0 to 1000",
    "0, and more than 1000, mean 1000",
    "s2-lite",
    "Nothing is refused that the service takes.",
    `${BEHAVIOURS}/listing.ts > takes a limit of 0, or of more than 1000, for 1000`,
  ],
  [
    "`start_after` before `prefix`",
    "must not be",
    "lists what has both",
    "s2-lite",
    "Nothing is refused that the service takes.",
    `${BEHAVIOURS}/listing.ts > lists what has both the prefix and a name after the start`,
  ],
  [
    "a token that is not there, revoked",
    "no 404",
    "501",
    "its own",
    "404 `access_token_not_found`: the code is the service's.",
    "local/test/access/scopes.test.ts > ends when it says, and when it is revoked",
  ],

  // Records.
  [
    "`clamp`",
    "a start beyond the tail is moved to it, without it 416",
    "the same, but then 416 at the tail for a read that may not wait",
    "s2-lite",
    STRICTER,
    `${BEHAVIOURS}/waiting-reads.ts > refuses a read at the tail that may not wait, clamped or not`,
  ],
  [
    "a read without records",
    "only when a limit forbids the next one",
    "also when the wait is over, and below the first record that is left",
    "s2-lite",
    "A client has to expect it.",
    `${BEHAVIOURS}/waiting-reads.ts > waits also on an empty stream, and gives nothing when the wait is over`,
    `${BEHAVIOURS}/commands.ts > trims the records before a point`,
  ],
  [
    "pings of an event stream",
    "`timestamp`",
    "`timestamp` and `tail`",
    "s2-lite",
    "It came later, and tells a follower that it is there.",
    `${BEHAVIOURS}/event-streams.ts > has exactly the documented fields, in order`,
  ],
  [
    "the end of an event stream",
    NOTHING,
    "an event without a name, `[DONE]`",
    "s2-lite",
    "Only so can a complete one be told from one that was cut off.",
    `${BEHAVIOURS}/event-streams.ts > gives stored records as a batch, then says that it is done`,
  ],
  [
    "a record whose retention is over",
    "trimmed",
    "can be read until it is removed, minutes later",
    "specification",
    "It is hidden the moment it expires, so that a test with a clock sees it.",
    `${BEHAVIOURS}/expiring.ts > gives no record whose retention is over`,
  ],
  [
    "first requests that create a stream by the way, at the same time",
    "409 is among the statuses",
    "most are refused with 409 `transaction_conflict`",
    "its own",
    "All succeed. `faults` makes such an answer for who wants to see one.",
    `${BEHAVIOURS}/auto-creating.ts > lets first requests at the same time conflict, but for one`,
  ],
  [
    "headers that scripts of other origins can read",
    NOTHING,
    "none",
    "its own",
    "`s2-provision-result`, `retry-after-ms` and `content-encoding`, which the SDK looks at in browsers too.",
    `${BEHAVIOURS}/http.ts > hides every header from scripts of other origins`,
  ],
];

/**
 * Where the specification and s2-lite disagree, and which side the embedded server takes; besides, where it deliberately
 * does neither. The README of its package shows this list.
 */
export const deviations: readonly Deviation[] = rows.map(deviation);

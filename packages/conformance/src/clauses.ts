/**
 * The clauses of the service's contract that a client can see, by id. Behaviours name what they show; `coverage.test.ts`
 * fails on a clause that nothing shows, unless the reason stands here.
 * @see https://s2.dev/docs/api
 */
export const clauses = {
  // The service as a whole.
  "api.errors": "Errors are JSON with `code` and `message`, whatever the client accepts.",
  "api.unknown-path": "Unknown paths are 404, and wrong methods 405 with `Allow`, both with empty bodies.",
  "api.head": "HEAD works on every GET route.",
  "api.request-encoding": "Bodies may be gzip or zstd; other encodings are 415 with `Accept-Encoding`.",
  "api.response-encoding": "Unary answers of 1024 bytes or more are compressed when the client accepts it.",
  "api.nulls": "Optional fields of resources are explicit nulls.",
  "api.body-limit": "Unary bodies hold at most 2 MiB after decompression; more is a 400.",
  "api.path-encoding": "Names in paths are percent-encoded.",
  "api.json-strictness":
    "Unknown fields are ignored; duplicates, quoted or fractional integers and lone surrogates are not accepted.",
  "api.json-content-type": "JSON bodies need a JSON content type.",
  "api.u64": "Integers are unsigned, of 64 bits, and bare JSON numbers.",
  "api.basin-header": "Stream routes need a valid `s2-basin` header.",
  "api.cors": "Cross-origin requests are allowed, and no header is exposed.",
  "api.health": "`/health` and `/ping` answer OK.",
  "api.http-versions": "HTTP/1.1 and HTTP/2 with prior knowledge share one port.",

  // Account routes.
  "basins.list": "Lists basins by prefix, in order of names, page by page.",
  "basins.create": "Creates a basin with its configuration.",
  "basins.get-config": "Tells a basin's configuration.",
  "basins.ensure": "Creates a basin or replaces its configuration, and says which.",
  "basins.reconfigure": "Changes a basin's configuration.",
  "basins.delete": "Deletes a basin in the background.",
  "account.not-implemented": "Open-source: access tokens, metrics and locations are 501.",
  "account.parsing": "Requests about access tokens, metrics and locations are parsed first.",
  "tokens.issue": "Hosted: issues an access token within a scope, and tells its secret once.",
  "tokens.list": "Hosted: lists access tokens by prefix, page by page, without their secrets.",
  "tokens.revoke": "Hosted: revokes an access token.",
  "locations.list": "Hosted: lists locations, and tells the default.",
  "locations.basins": "Hosted: a basin is where it was asked to be.",
  "metrics.account": "Hosted: tells an account's active basins, operations and estimated usage.",
  "metrics.basin": "Hosted: tells a basin's storage, operations and throughput.",
  "metrics.stream": "Hosted: tells a stream's storage.",
  "metrics.range": "Hosted: ranges are needed, in order, of 90 days at most, and not in the future.",

  // Basin routes.
  "streams.list": "Lists streams by prefix, in order of names, page by page.",
  "streams.create": "Creates a stream with its configuration.",
  "streams.get-config": "Tells a stream's full configuration.",
  "streams.ensure": "Creates a stream or replaces its configuration, and says which.",
  "streams.reconfigure": "Changes a stream's configuration.",
  "streams.delete": "Deletes a stream in the background.",
  "records.check-tail": "Tells the durable tail.",
  "records.read": "Reads records from a start up to a limit.",
  "records.append": "Appends a batch and acknowledges its positions.",

  // Negotiation.
  "append.content-types":
    "Appends are JSON or protobuf by content type; the first accepted type decides the answer's.",
  "append.formats": "JSON record data is raw or base64.",
  "read.content-types": "Reads are JSON, protobuf, SSE or a session.",
  "read.formats": "JSON record data is raw or base64; raw replaces what is not UTF-8.",
  "read.query": "Query values are exact; unknown names are ignored, repeated and empty values refused.",

  // Error codes.
  "code.access_token_not_found": "",
  "code.bad_frame": "",
  "code.bad_header": "",
  "code.bad_json": "",
  "code.bad_path": "",
  "code.bad_proto": "",
  "code.bad_query": "",
  "code.basin_deletion_pending": "",
  "code.basin_not_found": "",
  "code.decryption_failed": "",
  "code.invalid": "",
  "code.not_implemented": "",
  "code.other": "",
  "code.resource_already_exists": "",
  "code.storage": "",
  "code.stream_deletion_pending": "",
  "code.stream_not_found": "",
  "code.transaction_conflict": "",
  "code.unavailable": "",
  "error.seq-num-mismatch": "412 tells the next sequence number.",
  "error.fencing-mismatch": "412 tells the current fencing token.",
  "error.range": "416 tells the tail.",

  // Names.
  "names.basin": "Basins are 8 to 48 bytes of a-z, 0-9 and hyphens, with no hyphen at either end.",
  "names.basin-prefix": "Prefixes of basins may be empty and end with a hyphen.",
  "names.stream": "Streams are 1 to 512 bytes of UTF-8 without NUL, not `.` or `..`.",
  "names.stream-prefix": "Prefixes of streams may be empty, `.` or `..`.",
  "names.token-id": "Access token ids are 1 to 96 bytes without NUL, not `.` or `..`.",
  "names.location": "Locations are 1 to 64 letters, digits, colons, hyphens and dots.",
  "names.request-token": "Request tokens are at most 36 bytes.",
  "names.fencing-token": "Fencing tokens are at most 36 bytes of UTF-8.",

  // Records.
  "records.metering": "A record is 8 bytes, 2 more a header, and its names, values and body.",
  "records.batch-limits": "A batch is 1 to 1000 records and at most 1 MiB metered, as is a record.",
  "records.atomic": "A batch is atomic and contiguous.",
  "records.headers": "Headers keep order and duplicates; names are not empty but in commands.",
  "records.text-and-bytes":
    "Text is stored as UTF-8, bytes as they are; both read back alike on every transport.",

  // Commands.
  "commands.form": "One header with an empty name is a command; unknown ones are refused.",
  "commands.fence": "A fence sets the token for appends after it; an empty one clears it.",
  "commands.trim": "A trim drops the records before it, never backwards, never beyond itself.",
  "commands.timestamped": "Commands obey the stream's timestamping.",

  // Conditions.
  "conditions.seq-num":
    "`match_seq_num` is compared with the next sequence number, in-flight appends included.",
  "conditions.fencing": "A token that differs is refused; an append without one is not checked.",
  "conditions.order": "Fencing is checked before the sequence number.",

  // Timestamps.
  "timestamps.client-prefer": "The client's timestamp, or arrival.",
  "timestamps.client-require": "The client's timestamp, or the batch is refused.",
  "timestamps.arrival": "Arrival, whatever the client says.",
  "timestamps.capped": "Timestamps beyond arrival are lowered to it, unless uncapped.",
  "timestamps.monotonic": "Timestamps never go back.",

  // Reads.
  "read.start-seq-num": "Starts at a sequence number.",
  "read.start-timestamp": "Starts at the first record of a timestamp or later.",
  "read.start-tail-offset":
    "Starts so many records before the tail, at most at the first; without a start, at the tail.",
  "read.one-start": "Only one start may be given.",
  "read.beyond-tail": "Starts beyond the tail are 416, unless clamped.",
  "read.at-tail": "A bounded read at the tail is 416, clamped or not.",
  "read.trimmed-start": "A trimmed start begins at the first record left.",
  "read.exhausted-limit": "A limit of 0 ends a read cleanly, wherever it starts.",
  "read.timestamp-until": "A timestamp start at or after `until` is refused.",
  "read.count": "At most so many records.",
  "read.bytes": "At most so many metered bytes; a record that does not fit is not given.",
  "read.until": "Ends before the first record of that timestamp or later.",
  "read.unary-caps": "A unary read gives at most 1000 records and 1 MiB.",
  "read.long-poll": "`wait` lets a unary read at the tail wait for a live batch, or expire empty.",
  "read.session-follow": "A session without limits follows the stream.",
  "read.session-wait": "`wait` ends a following session that many seconds after the last batch.",
  "read.session-limits": "A session ends cleanly at its limits.",
  "read.session-catch-up": "A session with `wait` 0 and no limit reads to the tail and ends.",
  "read.heartbeat": "A following session tells the tail at once, and in silence every 5 to 15 s.",
  "read.tail": "Only live data carries the tail.",

  // Auto-create.
  "auto-create.append": "A basin may create missing streams on append.",
  "auto-create.read": "A basin may create missing streams on read and check-tail.",
  "auto-create.config": "`s2-stream-config` is laid over the basin's default, and always checked.",
  "auto-create.once": "Concurrent first requests create the stream once; others may conflict.",
  "auto-create.stays": "The stream stays when the append itself fails; a malformed request creates nothing.",

  // Listing.
  "list.limit": "Pages hold 1000 items by default and at most; 0 and more mean 1000.",
  "list.start-after": "`start_after` is exclusive, and `has_more` exact.",

  // Configurations.
  "config.defaults": "Storage class express, 7 days, client-prefer, capped, never deleted on empty.",
  "config.create-replay": "A create is repeatable only with the same request token and configuration.",
  "config.ensure-replaces": "Ensure replaces the whole configuration.",
  "config.ensure-body": "Ensure ignores a body without content type, and refuses null and other types.",
  "config.stream-resolved":
    "A stream's configuration is fixed at its creation, whatever becomes of the basin's default.",
  "config.patch": "In a change, absent keeps and null resets, nested objects by field.",
  "config.retention": "Retention is an age of at least 1 s, or infinite.",
  "config.cipher": "A basin's cipher applies to streams created afterwards.",

  // Deletion.
  "delete.stream": "A deleted stream is gone soon, and its name free again, from sequence number 0.",
  "delete.stream-pending": "Meanwhile all but another delete conflict.",
  "delete.readers": "Readers of a deleted stream get the terminal trim and are ended.",
  "delete.appenders": "Append sessions of a deleted stream are ended.",
  "delete.basin":
    "A basin being deleted is listed so, takes no changes, and goes on answering for its configuration.",
  "delete.on-empty": "An empty stream is deleted after its minimum age.",

  // SSE.
  "sse.events": "Batches, pings and the end are events with the documented fields.",
  "sse.id": "Ids count records and bytes on from `Last-Event-ID`.",
  "sse.resume": "`Last-Event-ID` overrides the start and lessens the limits.",
  "sse.errors": "Errors before the stream are HTTP errors, later ones `error` events without a `[DONE]`.",

  // s2s.
  "s2s.framing": "Frames carry length, flags and one message.",
  "s2s.compression": "Each message may be compressed, from 1024 bytes up, as the client accepts.",
  "s2s.append": "Inputs are taken in order and acknowledged in order.",
  "s2s.append-failure": "The first failure ends the session after the acknowledgements before it.",
  "s2s.append-malformed": "Malformed input ends the session after the acknowledgements before it.",
  "s2s.half-close": "After a half-close all acknowledgements come, then a clean end.",
  "s2s.empty-session": "A session without inputs is valid.",
  "s2s.open-failure": "Failures before the session are HTTP answers.",
  "s2s.read": "A read session gives batches and heartbeats as frames.",

  // Encryption.
  "encryption.keys": "Encrypted streams need a key of 32 bytes in base64; checking the tail needs none.",

  // The SDK.
  "sdk.refusals": "Wrong input fails before anything is sent, naming field, value and limit.",
  "sdk.exit": "A program whose work is done ends, whatever it left open.",
  "sdk.same-records": "Both transports give identical records.",
  "sdk.abort": "An abort rejects with the signal's reason as cause.",
  "sdk.closing": "Closing a handle closes the sessions opened through it.",
  "sdk.positions": "Positions follow what was handed over.",
  "sdk.caught-up": "A read session tells when everything there is has been handed over.",
  "sdk.command-filter": "Command records can be left out, and still count.",
  "sdk.producer":
    "Records given one by one are appended in order, in batches, each with its own sequence number.",
  "sdk.compression": "Compressed or not, the same records arrive, in the same order.",
  "sdk.list-all": "Listings can be walked through as one.",
  "sdk.session-failures": "A failure in a session reaches every batch behind it, and `close()`.",
  "sdk.events":
    "An observer is told what calls, sessions and connections do, in order, and cannot disturb them.",
} as const;

export type ClauseId = keyof typeof clauses;

/** What nothing can show, and why. */
export const notShown: Readonly<Partial<Record<ClauseId, string>>> = {
  "code.other": "Needs a request that is dropped inside the server.",
  "code.storage": "Needs a storage that fails.",
};

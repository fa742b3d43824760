import { type FieldKind, inBody, inPath, inQuery, neededInBody, neededInQuery } from "./fields.js";
import type { OperationRow, OperationRowOf } from "./operation-row.js";
import type { ArgsOf, OperationName } from "./operation-types.js";

/**
 * The REST operations of the service, each described once: clients, servers, tests and docs all read this table.
 * @see https://s2.dev/docs/api
 */
export const operations = /* @__PURE__ */ describeOperations();

/** The row of an operation, with its fields under plain names. */
export function operationRow(name: OperationName): OperationRow {
  return operations[name];
}

/** All operation names, in the order of the reference. */
export const OPERATION_NAMES = /* @__PURE__ */ Object.keys(operations) as readonly OperationName[];

/** A function, so that a bundler can drop the table where nobody reads it. */
function describeOperations() {
  const NO_BODY = { kind: "none" } as const;
  const JSON_BODY = { kind: "json", required: true } as const;
  const OPTIONAL_JSON_BODY = { kind: "json", required: false } as const;
  const RECORD_HEADERS = ["s2-format", "s2-encryption-key", "s2-stream-config"] as const;
  const pageOf = <K extends FieldKind>(prefix: K) =>
    ({ prefix: inQuery(prefix), start_after: inQuery(prefix), limit: inQuery("page_limit") }) as const;
  const BASIN_FIELDS = {
    config: inBody("basin_config"),
    location: inBody("optional_location"),
    scope: inBody("optional_location", "location"),
  } as const;
  const IN_BASIN = { basin: inPath("basin") } as const;
  const IN_STREAM = { stream: inPath("stream") } as const;
  const METRIC_FIELDS = {
    set: neededInQuery("word"),
    start: inQuery("u32"),
    end: inQuery("u32"),
    interval: inQuery("word"),
  } as const;

  const NO_HEADERS: readonly string[] = [];

  /** What most rows have, by method. */
  const USUAL = {
    scope: "account",
    headers: NO_HEADERS,
    success: [200],
    response: "json",
    requestToken: false,
    goneMeansDone: false,
  } as const;
  const ASKS = { ...USUAL, method: "GET", body: NO_BODY, effects: "safe" } as const;
  const CREATES = { ...USUAL, method: "POST", body: JSON_BODY, effects: "creates" } as const;
  const ENSURES = { ...USUAL, method: "PUT", effects: "idempotent" } as const;
  const CHANGES = { ...USUAL, method: "PATCH", body: JSON_BODY, effects: "idempotent" } as const;
  const DELETES = {
    ...USUAL,
    method: "DELETE",
    body: NO_BODY,
    success: [202],
    response: "none",
    effects: "idempotent",
    goneMeansDone: true,
  } as const;
  const ON_BASIN = { scope: "basin" } as const;
  /** What answers with the thing and, in a header, what was done to it. */
  const PROVISIONS = { ...ENSURES, success: [200, 201], response: "info" } as const;
  const WITH_TOKEN = { headers: ["s2-request-token"], success: [201, 200], requestToken: true } as const;

  return {
    list_basins: {
      ...ASKS,
      path: "/basins",
      fields: pageOf("basin_prefix"),
    },
    create_basin: {
      ...CREATES,
      path: "/basins",
      fields: {
        basin: neededInBody("basin"),
        ...BASIN_FIELDS,
      },
      ...WITH_TOKEN,
    },
    get_basin_config: {
      ...ASKS,
      path: "/basins/{basin}",
      fields: IN_BASIN,
    },
    ensure_basin: {
      ...PROVISIONS,
      path: "/basins/{basin}",
      fields: {
        basin: inPath("basin"),
        ...BASIN_FIELDS,
      },
      body: OPTIONAL_JSON_BODY,
    },
    reconfigure_basin: {
      ...CHANGES,
      path: "/basins/{basin}",
      fields: {
        basin: inPath("basin"),
        default_stream_config: inBody("optional_stream_change"),
        stream_cipher: inBody("optional_word"),
        create_stream_on_append: inBody("boolean"),
        create_stream_on_read: inBody("boolean"),
      },
    },
    delete_basin: {
      ...DELETES,
      path: "/basins/{basin}",
      fields: IN_BASIN,
    },
    list_streams: {
      ...ASKS,
      ...ON_BASIN,
      path: "/streams",
      fields: pageOf("stream_prefix"),
    },
    create_stream: {
      ...CREATES,
      ...ON_BASIN,
      path: "/streams",
      fields: { stream: neededInBody("stream"), config: inBody("optional_stream_config") },
      ...WITH_TOKEN,
    },
    get_stream_config: {
      ...ASKS,
      ...ON_BASIN,
      path: "/streams/{stream}",
      fields: IN_STREAM,
    },
    ensure_stream: {
      ...PROVISIONS,
      ...ON_BASIN,
      path: "/streams/{stream}",
      fields: { stream: inPath("stream"), config: inBody("stream_config") },
      body: { kind: "bare", field: "config", required: false },
    },
    reconfigure_stream: {
      ...CHANGES,
      ...ON_BASIN,
      path: "/streams/{stream}",
      fields: {
        stream: inPath("stream"),
        storage_class: inBody("optional_word"),
        retention_policy: inBody("retention_policy"),
        timestamping: inBody("timestamping_change"),
        delete_on_empty: inBody("delete_on_empty_change"),
      },
    },
    delete_stream: {
      ...DELETES,
      ...ON_BASIN,
      path: "/streams/{stream}",
      fields: IN_STREAM,
    },
    check_tail: {
      ...ASKS,
      ...ON_BASIN,
      path: "/streams/{stream}/records/tail",
      fields: IN_STREAM,
    },
    read: {
      ...ASKS,
      ...ON_BASIN,
      path: "/streams/{stream}/records",
      fields: {
        stream: inPath("stream"),
        seq_num: inQuery("u64"),
        timestamp: inQuery("u64"),
        tail_offset: inQuery("u64"),
        clamp: inQuery("boolean"),
        count: inQuery("u64"),
        bytes: inQuery("u64"),
        until: inQuery("u64"),
        wait: inQuery("u32"),
      },
      headers: RECORD_HEADERS,
      response: "batch",
    },
    append: {
      ...CREATES,
      ...ON_BASIN,
      path: "/streams/{stream}/records",
      fields: IN_STREAM,
      body: { kind: "records" },
      headers: RECORD_HEADERS,
      response: "ack",
      effects: "appends",
    },
    list_access_tokens: {
      ...ASKS,
      path: "/access-tokens",
      fields: pageOf("access_token_prefix"),
    },
    issue_access_token: {
      ...CREATES,
      path: "/access-tokens",
      fields: {
        id: neededInBody("access_token_id"),
        scope: neededInBody("access_token_scope"),
        auto_prefix_streams: inBody("boolean"),
        expires_at: inBody("optional_date"),
      },
      success: [201],
    },
    revoke_access_token: {
      ...DELETES,
      path: "/access-tokens/{id}",
      fields: { id: inPath("access_token_id") },
      success: [204],
    },
    list_locations: {
      ...ASKS,
      path: "/locations",
      fields: {},
    },
    get_default_location: {
      ...ASKS,
      path: "/locations/default",
      fields: {},
    },
    set_default_location: {
      ...ENSURES,
      path: "/locations/default",
      fields: { location: neededInBody("location") },
      body: { kind: "bare", field: "location", required: true },
    },
    account_metrics: {
      ...ASKS,
      path: "/metrics",
      fields: METRIC_FIELDS,
    },
    basin_metrics: {
      ...ASKS,
      path: "/metrics/{basin}",
      fields: { basin: inPath("basin"), ...METRIC_FIELDS },
    },
    stream_metrics: {
      ...ASKS,
      path: "/metrics/{basin}/{stream}",
      fields: { basin: inPath("basin"), stream: inPath("stream"), ...METRIC_FIELDS },
    },
  } as const satisfies { [N in OperationName]: OperationRowOf<ArgsOf<N>> };
}

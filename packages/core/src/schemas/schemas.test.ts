import { describe, expect, it } from "vitest";
import { OPERATION_NAMES, operationRow } from "../rest/operations.js";
import {
  appendConditionFailed,
  errorInfo,
  errorSchemaOf,
  pingEventData,
  requestSchemas,
  responseSchemas,
} from "./index.js";

type Request = keyof typeof requestSchemas;
type Response = keyof typeof responseSchemas;

const accepts = (operation: Request, body: unknown): boolean =>
  requestSchemas[operation].safeParse(body).success;
const understands = (operation: Response, body: unknown): boolean =>
  responseSchemas[operation].safeParse(body).success;

const MAX_U64 = 2n ** 64n - 1n;

describe("every operation", () => {
  it.each(OPERATION_NAMES)(
    "%s has a schema for its body and for its answer exactly if it has one",
    (name) => {
      const row = operationRow(name);
      expect(Object.hasOwn(requestSchemas, name)).toBe(row.body.kind !== "none");
      expect(Object.hasOwn(responseSchemas, name)).toBe(row.response !== "none");
    },
  );
});

describe("a request schema", () => {
  it.each<[Request, unknown]>([
    ["create_basin", { basin: "my-basin" }],
    ["create_basin", { basin: "my-basin", config: null, location: null }],
    ["create_basin", { basin: "my-basin", config: { default_stream_config: null, stream_cipher: null } }],
    ["create_basin", { basin: "my-basin", location: "aws:us-east-1" }],
    ["ensure_basin", {}],
    ["ensure_basin", { config: { create_stream_on_read: true, stream_cipher: "aes-256-gcm" } }],
    ["reconfigure_basin", { default_stream_config: { delete_on_empty: { min_age_secs: null } } }],
    ["create_stream", { stream: "a/b", config: null }],
    [
      "ensure_stream",
      { storage_class: null, retention_policy: null, timestamping: null, delete_on_empty: null },
    ],
    ["ensure_stream", { timestamping: { mode: null, uncapped: null } }],
    ["ensure_stream", { storage_class: "of tomorrow" }],
    // Refused by a rule (422), not by its shape.
    ["ensure_stream", { retention_policy: { age: 0 } }],
    ["ensure_stream", { retention_policy: { age: MAX_U64 } }],
    ["reconfigure_stream", { timestamping: null, delete_on_empty: null, retention_policy: null }],
    ["append", { records: [], match_seq_num: null, fencing_token: null }],
    ["append", { records: [{}, { timestamp: null }, { timestamp: MAX_U64, headers: [["", ""]], body: "" }] }],
    ["append", { records: [{}], match_seq_num: 0, fencing_token: "x".repeat(36) }],
    ["issue_access_token", { id: "t", scope: { ops: ["set-default-location"], basins: { exact: "" } } }],
    [
      "issue_access_token",
      { id: "t", scope: { op_groups: { stream: { read: true }, basin: null } }, expires_at: null },
    ],
    ["set_default_location", "aws:us-east-1"],
  ])("of %s accepts %o, as the service does", (operation, body) => {
    expect(accepts(operation, body)).toBe(true);
  });

  it.each<[Request, unknown]>([
    ["create_basin", {}],
    ["create_basin", null],
    ["create_basin", { basin: "ab" }],
    ["create_basin", { basin: "my-basin", location: "" }],
    ["create_basin", { basin: "my-basin", config: { create_stream_on_append: null } }],
    ["create_basin", { basin: "my-basin", config: { stream_cipher: "rot13" } }],
    ["reconfigure_basin", { create_stream_on_append: null }],
    ["reconfigure_basin", { create_stream_on_read: null }],
    ["reconfigure_basin", { create_stream_on_read: "true" }],
    ["create_stream", { stream: "" }],
    ["create_stream", { stream: ".." }],
    ["create_stream", { stream: "\u20ac".repeat(171) }],
    ["ensure_stream", null],
    ["ensure_stream", { storage_class: 1 }],
    ["ensure_stream", { retention_policy: {} }],
    ["ensure_stream", { retention_policy: { age: 1, infinite: {} } }],
    ["ensure_stream", { retention_policy: { age: 1, forever: true } }],
    ["ensure_stream", { retention_policy: { age: null } }],
    ["ensure_stream", { retention_policy: { age: "1" } }],
    ["ensure_stream", { retention_policy: { age: 1.5 } }],
    ["ensure_stream", { retention_policy: { age: -1 } }],
    ["ensure_stream", { retention_policy: { age: MAX_U64 + 1n } }],
    ["ensure_stream", { retention_policy: { age: -1n } }],
    // A number that was rounded on its way is not an integer of the service any more.
    ["ensure_stream", { retention_policy: { age: 2 ** 60 } }],
    ["ensure_stream", { timestamping: { mode: "server" } }],
    ["ensure_stream", { delete_on_empty: { min_age_secs: null } }],
    ["append", {}],
    ["append", { records: null }],
    ["append", { records: [{ body: null }] }],
    ["append", { records: [{ headers: null }] }],
    ["append", { records: [{ headers: [["a"]] }] }],
    ["append", { records: [{ headers: [["a", "b", "c"]] }] }],
    ["append", { records: [{ headers: { a: "b" } }] }],
    ["append", { records: [{ timestamp: "1" }] }],
    ["append", { records: [{}], fencing_token: "x".repeat(37) }],
    ["issue_access_token", { id: "t" }],
    ["issue_access_token", { id: "t", scope: { ops: ["fly"] } }],
    ["issue_access_token", { id: "t", scope: { basins: { exact: "a", prefix: "b" } } }],
    ["set_default_location", { location: "aws:us-east-1" }],
    ["set_default_location", "a b"],
  ])("of %s refuses %o, as the service does", (operation, body) => {
    expect(accepts(operation, body)).toBe(false);
  });

  it("ignores fields that the service does not know", () => {
    expect(requestSchemas.create_stream.parse({ stream: "s", colour: "red", config: { size: 1 } })).toEqual({
      stream: "s",
      config: {},
    });
  });
});

const position = { seq_num: 0, timestamp: 0 };

describe("a response schema", () => {
  it.each<[Response, unknown]>([
    [
      "get_stream_config",
      { storage_class: "of tomorrow", timestamping: { mode: "of tomorrow", uncapped: false } },
    ],
    ["get_basin_config", { stream_cipher: "of tomorrow", default_stream_config: { new_key: 1 } }],
    ["create_basin", { name: "my-basin", created_at: "2026-11-23T04:22:36Z", state: "of tomorrow" }],
    ["create_stream", { name: "s", created_at: "2026-11-23T04:22:36Z", cipher: "of tomorrow" }],
    [
      "list_access_tokens",
      { access_tokens: [{ id: "t", scope: { ops: ["of-tomorrow"] } }], has_more: false },
    ],
    ["list_locations", [{ name: "aws:us-east-1", is_private: false }]],
    ["list_locations", []],
    [
      "set_default_location",
      { name: "x", is_private: true, storage_classes: ["express"], default_storage_class: null },
    ],
    ["account_metrics", { values: [{ label: { name: "n", values: ["a"] } }] }],
    [
      "basin_metrics",
      { values: [{ accumulation: { name: "n", unit: "usd", interval: "hour", values: [[0, 0.5]] } }] },
    ],
    [
      "stream_metrics",
      {
        values: [
          { gauge: { name: "n", unit: "bytes", values: [] } },
          { scalar: { name: "n", unit: "bytes", value: -1 } },
        ],
      },
    ],
    ["check_tail", { tail: { seq_num: MAX_U64, timestamp: 0 } }],
    ["read", { records: [{ seq_num: 0, timestamp: 0 }] }],
    ["read", { records: [], tail: null }],
  ])("of %s understands %o", (operation, body) => {
    expect(understands(operation, body)).toBe(true);
  });

  it.each<[Response, unknown]>([
    ["list_basins", { basins: [] }],
    ["list_basins", { basins: [{ name: "my-basin" }], has_more: false }],
    ["list_streams", { streams: null, has_more: false }],
    ["create_stream", { created_at: "2026-11-23T04:22:36Z" }],
    ["get_stream_config", { retention_policy: {} }],
    ["get_stream_config", { delete_on_empty: { min_age_secs: -1 } }],
    ["issue_access_token", { access_token: null }],
    ["list_locations", { locations: [] }],
    ["account_metrics", { values: [{ histogram: {} }] }],
    ["account_metrics", { values: [{ gauge: { name: "n", unit: "bytes", values: [[0.5, 1]] } }] }],
    ["append", { start: position, end: position }],
    ["check_tail", { tail: { seq_num: 0 } }],
    ["read", { records: [{ seq_num: 0, timestamp: 0, body: null }] }],
    ["read", { records: [{ seq_num: 0, timestamp: 0, headers: [["a"]] }] }],
  ])("of %s does not take %o", (operation, body) => {
    expect(understands(operation, body)).toBe(false);
  });

  it("keeps fields that it does not know, at any depth", () => {
    const body = { tail: { ...position, epoch: 1 }, region: "x" };
    expect(responseSchemas.check_tail.parse(body)).toEqual(body);
    const config = { retention_policy: { infinite: { until: null } }, tier: 2 };
    expect(responseSchemas.get_stream_config.parse(config)).toEqual(config);
  });
});

describe("the schemas of errors", () => {
  it("go by the status", () => {
    expect(errorSchemaOf(404).safeParse({ code: "stream_not_found", message: "m" }).success).toBe(true);
    expect(errorSchemaOf(404).safeParse({ code: "stream_not_found" }).success).toBe(false);
    expect(errorSchemaOf(412).safeParse({ seq_num_mismatch: 3 }).success).toBe(true);
    expect(errorSchemaOf(412).safeParse({ code: "invalid", message: "m" }).success).toBe(false);
    expect(errorSchemaOf(416).safeParse({ tail: position }).success).toBe(true);
    expect(errorSchemaOf(416).safeParse({}).success).toBe(false);
  });

  it("take both conditions of an append, and an error code of tomorrow", () => {
    expect(appendConditionFailed.safeParse({ fencing_token_mismatch: "" }).success).toBe(true);
    expect(errorInfo.safeParse({ code: "of_tomorrow", message: "" }).success).toBe(true);
  });
});

describe("the schema of a ping", () => {
  it("takes those of servers that send no tail", () => {
    expect(pingEventData.safeParse({ timestamp: 1 }).success).toBe(true);
    expect(pingEventData.safeParse({ timestamp: 1, tail: position }).success).toBe(true);
    expect(pingEventData.safeParse({ tail: position }).success).toBe(false);
  });
});

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/** A request that will be sent over HTTP/1.1 or HTTP/2, however wrong it is. */
export interface FuzzRequest {
  method: string;
  path: string;
  query: string;
  headers: [name: string, value: string][];
  body: Buffer;
}

interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly body_hex?: string;
  readonly chunks_hex?: readonly string[];
}

/** What is said in `chunks_hex` of a recording instead of bytes. */
const NO_BYTES = /[^0-9a-f]/;
const BASIN: [string, string] = ["s2-basin", "vector-basin-1"];
const JSON_TYPE: [string, string] = ["content-type", "application/json"];

/** What the recordings lack: compressed bodies, tokens, metrics, locations, pages of other origins. */
const MORE: readonly FuzzRequest[] = [
  plain(
    "POST",
    "/v1/streams/s/records",
    [BASIN, JSON_TYPE, ["content-encoding", "gzip"]],
    gzip('{"records":[{"body":"x"}]}'),
  ),
  plain(
    "POST",
    "/v1/streams/t/records",
    [BASIN, ["content-type", "s2s/proto"], ["content-encoding", "gzip"]],
    gzip("\0\0\b\0\n\u0005\b\u0001\u001a\u0001a"),
  ),
  plain("GET", "/v1/streams/s/records", [BASIN, ["accept", "text/event-stream"]]),
  plain("GET", "/v1/streams/t/records", [BASIN, ["content-type", "s2s/proto"]]),
  plain("GET", "/v1/access-tokens?prefix=a&start_after=b&limit=3", []),
  plain(
    "POST",
    "/v1/access-tokens",
    [JSON_TYPE],
    '{"id":"t","expires_at":"2099-01-01T00:00:00Z","auto_prefix_streams":true,"scope":{"basins":{"prefix":""},"streams":{"prefix":"p/"},"access_tokens":{"exact":""},"op_groups":{"account":{"read":true},"stream":{"read":true,"write":true}},"ops":["append","read"]}}',
  ),
  plain("DELETE", "/v1/access-tokens/t", []),
  plain("GET", "/v1/metrics?set=account-ops&start=0&end=3600&interval=minute", []),
  plain("GET", "/v1/metrics/vector-basin-1?set=append-throughput&start=1&end=7776000&interval=hour", []),
  plain("GET", "/v1/metrics/vector-basin-1/s?set=storage&start=0&end=600", []),
  plain("GET", "/v1/locations", []),
  plain("PUT", "/v1/locations/default", [JSON_TYPE], '"aws:us-east-1"'),
  plain("OPTIONS", "/v1/streams", [
    ["origin", "https://example.com"],
    ["access-control-request-method", "POST"],
  ]),
  plain("GET", "/openapi.json", [["accept-encoding", "gzip"]]),
  plain("GET", "/health", []),
  plain(
    "PUT",
    "/v1/basins/vector-basin-1",
    [JSON_TYPE],
    '{"config":{"create_stream_on_append":true,"create_stream_on_read":true,"default_stream_config":{"retention_policy":{"age":3600},"timestamping":{"mode":"arrival","uncapped":false},"delete_on_empty":{"min_age_secs":60}}}}',
  ),
];

/** The requests of the recorded exchanges with the real server, and what they lack. */
export function loadCorpus(): readonly FuzzRequest[] {
  const url = new URL("../fixtures/recorded.json", import.meta.url);
  const { vectors } = JSON.parse(readFileSync(url, "utf8")) as { vectors: { request: RecordedRequest }[] };
  return [...vectors.map(({ request }) => recorded(request)), ...MORE];
}

export function copyOf(request: FuzzRequest): FuzzRequest {
  return { ...request, headers: request.headers.map(([name, value]) => [name, value]) };
}

export function headerOf({ headers }: FuzzRequest, name: string): string | undefined {
  return headers.find(([candidate]) => candidate === name)?.[1];
}

function recorded({ method, path: given, headers, ...bodies }: RecordedRequest): FuzzRequest {
  // Without its basin nothing would be left of the other inputs but 404.
  const path =
    method === "DELETE" ? given.replace("/v1/basins/vector-basin-1", "/v1/basins/vector-basin-3") : given;
  const chunks = (bodies.chunks_hex ?? []).filter((chunk) => !NO_BYTES.test(chunk));
  const body =
    bodies.body !== undefined
      ? Buffer.from(bodies.body)
      : Buffer.from(bodies.body_hex ?? chunks.join(""), "hex");
  return plain(method, path, Object.entries(headers), body);
}

function plain(
  method: string,
  target: string,
  headers: readonly (readonly [string, string])[],
  body: Buffer | string = "",
): FuzzRequest {
  const mark = target.indexOf("?");
  return {
    method,
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? "" : target.slice(mark + 1),
    headers: headers.map(([name, value]) => [name, value]),
    body: typeof body === "string" ? Buffer.from(body) : body,
  };
}

function gzip(text: string): Buffer {
  return gzipSync(Buffer.from(text, "latin1"));
}

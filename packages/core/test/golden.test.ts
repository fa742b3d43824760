import { describe, expect, it } from "vitest";
import { parseJson } from "../src/codec/json.js";
import { S2Error } from "../src/error/s2-error.js";
import { resolveEndpoints } from "../src/model/endpoints.js";
import { decodeAppendResponse } from "../src/rest/append-response.js";
import type { ArgsOf, OperationName } from "../src/rest/operation-types.js";
import { OPERATION_NAMES, operations } from "../src/rest/operations.js";
import { decodeReadResponse } from "../src/rest/read-response.js";
import { withProtobuf } from "../src/rest/record-requests.js";
import { buildRequest, type TargetOf } from "../src/rest/request.js";
import { decodeResponse } from "../src/rest/response.js";
import { errorSchemaOf, requestSchemas, responseSchemas } from "../src/schemas/index.js";
import type { WireRequest, WireResponse } from "../src/transport/index.js";
import controlPlane from "../test-fixtures/control-plane.json" with { type: "json" };
import records from "../test-fixtures/vectors.json" with { type: "json" };

/** An exchange with a real server. */
interface Vector {
  readonly name: string;
  readonly request: Half & { readonly method: string; readonly path: string };
  readonly response: Half & { readonly status: number };
}

interface Half {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly body_hex?: string;
}

const vectors = [...controlPlane.vectors, ...records.vectors] as unknown as readonly Vector[];
const endpoints = resolveEndpoints({
  endpoints: { account: "http://127.0.0.1:1", basin: "http://127.0.0.1:1" },
});

function vector(name: string): Vector {
  const found = vectors.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no vector ${name}`);
  return found;
}

function bytesOf({ body, body_hex: hex }: Half): Uint8Array {
  if (hex !== undefined) return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return new TextEncoder().encode(body ?? "");
}

function wireResponse({ response }: Vector): WireResponse {
  return { status: response.status, headers: response.headers, body: bytesOf(response) };
}

/** The operation that serves a path, found as a server would find it. */
function operationOf({ request }: Vector): OperationName | undefined {
  const path = request.path.replace(/^\/v1/, "").replace(/\?.*$/, "");
  return OPERATION_NAMES.find((name) => {
    const pattern = operations[name].path.replace(/\{\w+\}/g, "[^/]+");
    return operations[name].method === request.method && new RegExp(`^${pattern}$`).test(path);
  });
}

function golden<N extends OperationName>(name: string, operation: N, args: ArgsOf<N>): () => void {
  return () => {
    const expected = vector(name).request;
    const { "s2-basin": basin, "s2-request-token": token, "content-type": _, ...headers } = expected.headers;
    const target = {
      endpoints,
      basin: basin ?? "vector-basin-1",
      randomBytes: () => new Uint8Array(16),
      headers: token === undefined ? headers : { ...headers, "s2-request-token": token },
    } as unknown as TargetOf<N>;
    let request: WireRequest = buildRequest(operation, args, target);
    if (expected.body_hex !== undefined) request = withProtobuf(request, bytesOf(expected));
    expect(request.method).toBe(expected.method);
    expect(request.url).toBe(`http://127.0.0.1:1${expected.path}`);
    // Always sent with a create, which the recorded requests do not all do.
    const { "s2-request-token": generated, ...sent } = request.headers;
    expect(sent).toEqual({ ...expected.headers, "s2-request-token": undefined });
    if (token !== undefined) expect(generated).toBe(token);
    expect(request.body).toEqual(bytesOf(expected).length === 0 ? undefined : bytesOf(expected));
  };
}

describe("the request of", () => {
  const infrequent = {
    default_stream_config: { retention_policy: { age: 86400 } },
    create_stream_on_append: false,
  };
  it("create-basin", golden("create-basin", "create_basin", { basin: "vector-basin-1" }));
  it("create-basin-conflict", golden("create-basin-conflict", "create_basin", { basin: "vector-basin-1" }));
  it("get-basin", golden("get-basin", "get_basin_config", { basin: "vector-basin-1" }));
  it(
    "ensure-basin-updated",
    golden("ensure-basin-updated", "ensure_basin", { basin: "vector-basin-1", config: infrequent }),
  );
  it(
    "patch-basin",
    golden("patch-basin", "reconfigure_basin", {
      create_stream_on_append: true,
      default_stream_config: { timestamping: { uncapped: true } },
      basin: "vector-basin-1",
    }),
  );
  it("list-basins", golden("list-basins", "list_basins", { limit: 1, prefix: "vector-basin-1" }));
  it("access-tokens-501", golden("access-tokens-501", "list_access_tokens", {}));
  it(
    "create-stream",
    golden("create-stream", "create_stream", { stream: "s", config: { timestamping: { uncapped: true } } }),
  );
  it(
    "ensure-stream-created",
    golden("ensure-stream-created", "ensure_stream", {
      stream: "a/b",
      config: { storage_class: "standard" },
    }),
  );
  it("ensure-stream-reset", golden("ensure-stream-reset", "ensure_stream", { stream: "a/b" }));
  it("get-stream", golden("get-stream", "get_stream_config", { stream: "s" }));
  it(
    "patch-stream",
    golden("patch-stream", "reconfigure_stream", {
      stream: "s",
      delete_on_empty: { min_age_secs: 60 },
      retention_policy: { infinite: {} },
    }),
  );
  it("list-streams-page", golden("list-streams-page", "list_streams", { limit: 1 }));
  it("tail", golden("tail", "check_tail", { stream: "s" }));
  it("delete-stream", golden("delete-stream", "delete_stream", { stream: "del" }));
  it("delete-basin", golden("delete-basin", "delete_basin", { basin: "vector-basin-1" }));
  it("append-protobuf", golden("append-protobuf", "append", { stream: "s" }));
  it("read-protobuf", golden("read-protobuf", "read", { stream: "s", seq_num: 6 }));
  it("read-json-base64", golden("read-json-base64", "read", { stream: "s", count: 2, seq_num: 0 }));
  it(
    "read-count-0-beyond-tail",
    golden("read-count-0-beyond-tail", "read", { stream: "s", seq_num: 99, count: 0 }),
  );
  it(
    "read-clamp-at-tail-416",
    golden("read-clamp-at-tail-416", "read", { stream: "s", clamp: true, seq_num: 99 }),
  );
  it("read-long-poll-live", golden("read-long-poll-live", "read", { stream: "s", wait: 5 }));
  it("sse-follow", golden("sse-follow", "read", { stream: "s", seq_num: 8, wait: 1 }));
});

const isJson = ({ response }: Vector): boolean => response.headers["content-type"] === "application/json";
const isSuccess = ({ response }: Vector): boolean => response.status < 300;
const unsafe = new Set(["read-u64-timestamp"]);

describe("a recorded answer", () => {
  const successes = vectors.filter((candidate) => isSuccess(candidate) && isJson(candidate));
  it.each(successes.filter(({ name }) => !unsafe.has(name)))(
    "$name decodes and passes its schema",
    (exchange) => {
      const operation = operationOf(exchange) as keyof typeof responseSchemas;
      const body = parseJson(exchange.response.body ?? "");
      expect(responseSchemas[operation].parse(body)).toEqual(body);
      expect(operations[operation].success).toContain(exchange.response.status);
      expect(decodeResponse(operation, wireResponse(exchange))).toMatchObject(
        exchange.name === "append-u64-timestamp"
          ? { start: { seq_num: 0, timestamp: Number.MAX_SAFE_INTEGER } }
          : {},
      );
    },
  );

  it("with an integer beyond 2^53-1 passes its schema and is refused, named exactly", () => {
    const exchange = vector("read-u64-timestamp");
    expect(responseSchemas.read.safeParse(parseJson(exchange.response.body ?? "")).success).toBe(true);
    expect(() => decodeResponse("read", wireResponse(exchange))).toThrow("18446744073709551615");
  });

  const empty = vectors.filter((candidate) => [202, 204].includes(candidate.response.status));
  it.each(empty)("$name has no result", (exchange) => {
    expect(decodeResponse(operationOf(exchange) as OperationName, wireResponse(exchange))).toBeUndefined();
  });

  it.each(vectors.filter((candidate) => !isSuccess(candidate)))(
    "$name is thrown, whatever was asked",
    (exchange) => {
      const { status, body } = exchange.response;
      if (isJson(exchange)) expect(errorSchemaOf(status).safeParse(parseJson(body ?? "")).success).toBe(true);
      for (const operation of OPERATION_NAMES) {
        const attempt = (): unknown => decodeResponse(operation, wireResponse(exchange));
        expect(attempt).toThrow(S2Error);
        expect(attempt).toThrow(expect.objectContaining({ status, origin: "server" }));
      }
    },
  );

  it("in protobuf decodes too", () => {
    const format = { as: "string", unsafeTimestamps: "error" } as const;
    expect(decodeAppendResponse(wireResponse(vector("append-protobuf")))).toMatchObject({
      start: { seq_num: 6 },
    });
    expect(decodeReadResponse(wireResponse(vector("read-protobuf")), format).records).toHaveLength(2);
    expect(decodeReadResponse(wireResponse(vector("read-protobuf-live-tail")), format)).toMatchObject({
      records: [{ seq_num: 8, body: "live2" }],
      tail: { seq_num: 9, timestamp: 1008 },
    });
  });
});

describe("a recorded request body", () => {
  const withJson = vectors.filter(({ request }) => request.headers["content-type"] === "application/json");
  const refused = new Set([
    "patch-basin-null-bool",
    "create-basin-bad-name",
    "append-bad-json",
    "append-415",
  ]);
  it.each(withJson)("of $name is judged by its schema as the server judged it", (exchange) => {
    const operation = operationOf(exchange) as keyof typeof requestSchemas;
    const body = parseJson(exchange.request.body ?? "");
    expect(requestSchemas[operation].safeParse(body).success).toBe(!refused.has(exchange.name));
  });
});

import {
  type Field,
  type FieldKind,
  OPERATION_NAMES,
  type OperationName,
  operationDocs,
  operationRow,
} from "@s2-dev/streamstore-core/operations";
import { errorSchemaOf, requestSchemas, responseSchemas } from "@s2-dev/streamstore-core/schemas";
import { type JsonSchema, jsonSchemaOf, U64 } from "./json-schema.js";

const JSON_TYPE = "application/json";
const BINARY: JsonSchema = { type: "string", contentEncoding: "binary" };

/** How a field stands in a path or a query. */
const FIELD_SCHEMAS: Partial<Record<FieldKind, JsonSchema>> = {
  access_token_id: { type: "string", minLength: 1, maxLength: 96 },
  access_token_prefix: { type: "string", maxLength: 96 },
  basin: { type: "string", minLength: 8, maxLength: 48, pattern: "^[a-z0-9][a-z0-9-]*[a-z0-9]$" },
  basin_prefix: { type: "string", maxLength: 48, pattern: "^([a-z0-9][a-z0-9-]*)?$" },
  boolean: { type: "boolean" },
  page_limit: { ...U64, description: "0, and more than 1000, mean 1000." },
  stream: { type: "string", minLength: 1, maxLength: 512 },
  stream_prefix: { type: "string", maxLength: 512 },
  u32: { type: "integer", minimum: 0, maximum: 0xffff_ffff },
  u64: U64,
};

const METRIC_SETS: Partial<Record<OperationName, readonly string[]>> = {
  account_metrics: ["active-basins", "account-ops", "estimated-billable-usage"],
  basin_metrics: ["storage", "append-ops", "read-ops", "read-throughput", "append-throughput", "basin-ops"],
  stream_metrics: ["storage"],
};

const HEADER_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  "s2-basin": FIELD_SCHEMAS.basin as JsonSchema,
  "s2-request-token": { type: "string", maxLength: 36 },
  "s2-format": { type: "string", enum: ["raw", "base64", "json", "json-binsafe"] },
  "s2-encryption-key": { type: "string", minLength: 1, maxLength: 44 },
  "s2-stream-config": { type: "string", description: "A stream's configuration, in JSON." },
};

const ERROR_WORDS: Readonly<Record<number, string>> = {
  400: "The request is malformed.",
  401: "The access token is missing, unknown, revoked or expired.",
  403: "The access token does not allow this.",
  404: "There is no such basin, stream or access token.",
  408: "Nothing more of the request's body came for too long.",
  409: "It exists already, or is being deleted.",
  412: "The append's condition does not hold.",
  415: "The body's content encoding is not known; the answer has no body.",
  416: "The read starts at or beyond the tail, and may not wait.",
  422: "The request breaks a rule or a limit.",
  500: "The storage failed.",
  503: "The server is stopping, or the stream has gone.",
};

/** The statuses, besides success, that an operation can be answered with. */
export function errorStatuses(name: OperationName): readonly number[] {
  const { path, scope, body } = operationRow(name);
  const isAboutStream = scope === "basin";
  const provisions = /^(create|ensure|reconfigure|issue)_/.test(name);
  const statuses = new Set([400, 401, 403, 415, 500, 503]);
  const looksUp = path.includes("{") && name !== "ensure_basin" && !name.endsWith("_metrics");
  if (isAboutStream || looksUp) statuses.add(404);
  if (isAboutStream ? name !== "list_streams" : provisions) statuses.add(409);
  if (isAboutStream || provisions || name.endsWith("_metrics") || name === "set_default_location") {
    statuses.add(422);
  }
  if (body.kind !== "none") statuses.add(408);
  if (name === "append") statuses.add(412);
  if (name === "read") statuses.add(416);
  return [...statuses].sort((left, right) => left - right);
}

/** The whole API as an OpenAPI document, out of the operations table and the schemas. */
export function openApiDocument(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const name of OPERATION_NAMES) {
    const { method, path } = operationRow(name);
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationObject(name) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "S2, as the embedded server serves it",
      version: "1",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/v1" }],
    security: [{}, { access_token: [] }],
    paths,
    components: {
      securitySchemes: { access_token: { type: "http", scheme: "bearer" } },
      schemas: Object.fromEntries(
        [400, 412, 416].map((status) => [errorName(status), jsonSchemaOf(errorSchemaOf(status), "output")]),
      ),
    },
  };
}

function operationObject(name: OperationName): object {
  const { permissions, tag, summary } = operationDocs[name];
  const requestBody = requestBodyOf(name);
  return {
    operationId: name,
    tags: [tag],
    summary,
    description: `Needs ${permissions.map((permission) => `\`${permission}\``).join(" and ")}.`,
    parameters: [...headerParameters(name), ...fieldParameters(name)],
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: responsesOf(name),
  };
}

function headerParameters(name: OperationName): object[] {
  const { scope, headers } = operationRow(name);
  const own = headers.map((header) => [header, false] as const);
  const all = scope === "basin" ? [["s2-basin", true] as const, ...own] : own;
  const sse = name === "read" ? [["last-event-id", false] as const] : [];
  return [...all, ...sse].map(([header, required]) => ({
    name: header,
    in: "header",
    required,
    schema: HEADER_SCHEMAS[header] ?? { type: "string" },
  }));
}

function fieldParameters(name: OperationName): object[] {
  const fields = Object.entries(operationRow(name).fields as Readonly<Record<string, Field>>);
  return fields
    .filter(([, { in: place }]) => place !== "body")
    .map(([field, { in: place, kind, required }]) => ({
      name: field,
      in: place,
      required,
      schema: fieldSchema(name, field, kind),
    }));
}

function fieldSchema(name: OperationName, field: string, kind: FieldKind): JsonSchema {
  if (field === "set") return { type: "string", enum: METRIC_SETS[name] };
  if (field === "interval") return { type: "string", enum: ["minute", "hour", "day"] };
  return FIELD_SCHEMAS[kind] ?? { type: "string" };
}

function requestBodyOf(name: OperationName): object | undefined {
  const { body } = operationRow(name);
  if (body.kind === "none") return undefined;
  const schema = jsonSchemaOf(requestSchemas[name as keyof typeof requestSchemas], "input");
  if (body.kind !== "records") return { required: body.required, content: { [JSON_TYPE]: { schema } } };
  return {
    required: true,
    content: {
      [JSON_TYPE]: { schema },
      "application/protobuf": { schema: BINARY },
      "s2s/proto": { schema: BINARY },
    },
  };
}

function responsesOf(name: OperationName): object {
  const { success, response } = operationRow(name);
  const provisions = response === "info" || name === "create_basin" || name === "create_stream";
  const responses: Record<string, object> = {};
  for (const status of success) {
    responses[status] = {
      description: status === 202 ? "Taken; it goes on in the background." : "Done.",
      ...(provisions ? { headers: { "s2-provision-result": { schema: PROVISION_RESULT } } } : {}),
      ...(response === "none" ? {} : { content: successContent(name) }),
    };
  }
  for (const status of errorStatuses(name)) {
    const schema = { $ref: `#/components/schemas/${errorName(status)}` };
    responses[status] = {
      description: ERROR_WORDS[status] ?? "",
      ...(status === 415
        ? { headers: { "accept-encoding": { schema: { type: "string" } } } }
        : { content: { [JSON_TYPE]: { schema } } }),
    };
  }
  return responses;
}

/** Name of the shape that errors of this status have. */
function errorName(status: number): string {
  if (status === 412) return "AppendConditionFailed";
  return status === 416 ? "TailResponse" : "ErrorInfo";
}

const PROVISION_RESULT: JsonSchema = { type: "string", enum: ["created", "updated", "noop"] };

function successContent(name: OperationName): object {
  const schema = jsonSchemaOf(responseSchemas[name as keyof typeof responseSchemas], "output");
  const json = { [JSON_TYPE]: { schema } };
  if (name === "append") {
    return { ...json, "application/protobuf": { schema: BINARY }, "s2s/proto": { schema: BINARY } };
  }
  if (name !== "read") return json;
  return {
    ...json,
    "application/protobuf": { schema: BINARY },
    "text/event-stream": { schema: { type: "string" } },
    "s2s/proto": { schema: BINARY },
  };
}

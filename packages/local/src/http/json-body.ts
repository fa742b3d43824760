import { isUtf8 } from "node:buffer";
import {
  describeJson,
  type JsonNode,
  jsonErrorAt,
  parseJsonTree,
  valueOfNode,
} from "@s2-dev/streamstore-core/wire";
import { refuse, type ServiceError } from "../service/errors.js";
import { basinNameFault, locationFault, streamNameFault, tokenIdFault } from "../service/names.js";
import type { Exchange } from "./exchange.js";
import { isJson, mediaType } from "./mime.js";
import { collectBody } from "./request-body.js";

/** What a schema finds wrong first. */
interface SchemaIssue {
  readonly code?: string | undefined;
  readonly expected?: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly values?: readonly unknown[];
}

/** The part of a zod schema that is used here. */
export interface JsonSchema<T> {
  safeParse(
    value: unknown,
  ): { success: true; data: T } | { success: false; error: { readonly issues: readonly SchemaIssue[] } };
}

const MISSING_CONTENT_TYPE = "Expected request with `Content-Type: application/json`";

/** Fields with rules of their own, whose faults the service words itself. */
const NAME_FAULTS: Readonly<Record<string, (text: string) => string | undefined>> = {
  basin: basinNameFault,
  stream: streamNameFault,
  location: locationFault,
  id: tokenIdFault,
};

/** A body that must be there. @throws ServiceError `bad_json` */
export async function requiredJson<T>(exchange: Exchange, schema: JsonSchema<T>): Promise<T> {
  if (!isJson(mediaType(exchange.headers["content-type"]))) throw refuse("bad_json", MISSING_CONTENT_TYPE);
  return decodeJson(await collectJson(exchange), schema);
}

/** A body that may be left out: without a content type it is not even looked at. @throws ServiceError `bad_json` */
export async function optionalJson<T>(exchange: Exchange, schema: JsonSchema<T>): Promise<T | undefined> {
  const header = exchange.headers["content-type"];
  if (header === undefined) return undefined;
  if (!isJson(mediaType(header))) throw refuse("bad_json", MISSING_CONTENT_TYPE);
  const text = await collectJson(exchange);
  return text === "" ? undefined : decodeJson(text, schema);
}

/** The text of a JSON body. @throws ServiceError `bad_json` */
export async function collectJson(exchange: Exchange): Promise<string> {
  const bytes = await collectBody(exchange, "bad_json");
  if (!isUtf8(bytes)) throw refuse("bad_json", "invalid unicode code point at line 1 column 0");
  return bytes.toString("utf8");
}

/** @throws ServiceError `bad_json`, worded and placed as the service does. */
export function decodeJson<T>(text: string, schema: JsonSchema<T>): T {
  const fault = (error: unknown): ServiceError => refuse("bad_json", (error as Error).message);
  let root: JsonNode;
  try {
    root = parseJsonTree(text);
  } catch (error) {
    throw fault(error);
  }
  const result = schema.safeParse(strictValue(root));
  if (result.success) return result.data;
  throw fault(describeIssue(text, root, result.error.issues[0] as SchemaIssue));
}

/** The plain value, in which a number that is not written as an integer is none. */
function strictValue(node: JsonNode): unknown {
  if (node.kind === "number") return /[.eE]/.test(node.text) ? Number.NaN : valueOfNode(node);
  if (node.kind === "array") return node.items.map(strictValue);
  if (node.kind !== "object") return valueOfNode(node);
  const object: Record<string, unknown> = Object.create(null);
  for (const [key, value] of node.entries) object[key] = strictValue(value);
  return { ...object };
}

function describeIssue(text: string, root: JsonNode, issue: SchemaIssue): Error {
  const parent = nodeAt(root, issue.path.slice(0, -1));
  const key = issue.path[issue.path.length - 1];
  const node = issue.path.length === 0 ? root : childOf(parent, key);
  if (node === undefined)
    return jsonErrorAt(text, parent?.end ?? text.length, `missing field \`${String(key)}\``);
  const faultOf = typeof key === "string" ? NAME_FAULTS[key] : locationFault;
  if (issue.code === "custom" && node.kind === "string") {
    if (node === root) return new Error(faultOf?.(node.value) ?? issue.message);
    // Noticed when the enclosing object is complete.
    return jsonErrorAt(
      text,
      isLast(parent, node) ? (parent as JsonNode).end : node.end,
      faultOf?.(node.value) ?? issue.message,
    );
  }
  if (issue.code === "invalid_value" && node.kind === "string") {
    return jsonErrorAt(
      text,
      node.end,
      `unknown variant \`${node.value}\`, expected ${alternatives(issue.values ?? [])}`,
    );
  }
  if (issue.code === "invalid_union" && node.kind === "object") {
    const age = node.entries.get("age");
    if (age === undefined || node.entries.size !== 1) return jsonErrorAt(text, node.end, "expected value");
    return wrongType(text, age, "u64");
  }
  return wrongType(text, node, expectation(issue));
}

function wrongType(text: string, node: JsonNode, expected: string): Error {
  const negative = node.kind === "number" && expected === "u64" && /^-\d+$/.test(node.text);
  const what = negative ? "value" : "type";
  return jsonErrorAt(text, node.end, `invalid ${what}: ${describeJson(node)}, expected ${expected}`);
}

function expectation(issue: SchemaIssue): string {
  switch (issue.expected) {
    case "boolean":
      return "a boolean";
    case "string":
      return "a string";
    case "array":
      return "a sequence";
    case "object":
      return "a map";
    default:
      return issue.code === "invalid_value" ? "a string" : "u64";
  }
}

function alternatives(values: readonly unknown[]): string {
  const quoted = values.map((value) => `\`${String(value)}\``);
  return quoted.length === 2 ? quoted.join(" or ") : `one of ${quoted.join(", ")}`;
}

function nodeAt(root: JsonNode, path: readonly PropertyKey[]): JsonNode | undefined {
  let node: JsonNode | undefined = root;
  for (const key of path) node = childOf(node, key);
  return node;
}

function childOf(node: JsonNode | undefined, key: PropertyKey | undefined): JsonNode | undefined {
  if (node?.kind === "object") return node.entries.get(String(key));
  return node?.kind === "array" ? node.items[Number(key)] : undefined;
}

function isLast(parent: JsonNode | undefined, node: JsonNode): boolean {
  return parent?.kind === "object" && [...parent.entries.values()].at(-1) === node;
}

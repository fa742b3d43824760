import { invalidArgument, show } from "../error/make.js";
import { S2Error } from "../error/s2-error.js";
import { checkObject } from "../model/checks.js";
import { checkRequestToken } from "../model/managed-names.js";
import { checkOptionNames } from "../model/shapes.js";
import type { WireRequest } from "../transport/index.js";
import { FIELD_KINDS, type Field } from "./fields.js";
import type { OperationRow } from "./operation-row.js";
import type { ArgsOf, OperationName } from "./operation-types.js";
import { operationRow, type operations } from "./operations.js";
import { checkBodySize, type RequestTarget } from "./record-requests.js";
import { createRequestToken, type RandomBytes } from "./request-token.js";

/** What the requests of one operation need to know besides their arguments. */
export type TargetOf<N extends OperationName> = RequestTarget &
  ((typeof operations)[N]["scope"] extends "basin" ? { readonly basin: string } : unknown) &
  ((typeof operations)[N]["requestToken"] extends true ? { readonly randomBytes: RandomBytes } : unknown);

type AnyTarget = RequestTarget & { readonly basin?: string; readonly randomBytes?: RandomBytes };
type Bag = Readonly<Record<string, unknown>>;

/**
 * The request of an operation, built once for all its attempts: the flat bag of arguments goes to path, query and
 * body, each field to the one place its row names; undefined fields are left out, `null` is kept. An append gets its
 * body from `withProtobuf`, or from its link. Throws `INVALID_ARGUMENT` naming field, value and limit.
 */
export function buildRequest<N extends OperationName>(
  name: N,
  args: ArgsOf<N>,
  target: TargetOf<N>,
): WireRequest {
  const row = operationRow(name);
  const bag: unknown = args;
  checkObject(bag, `the argument of ${name}`);
  // A cursor that is overlooked would list the first page for ever.
  checkOptionNames(bag, name, Object.keys(row.fields));
  checkFields(row, bag);
  const { endpoints, basin, headers, randomBytes }: AnyTarget = target;
  const base = row.scope === "account" ? endpoints.accountBaseUrl : endpoints.basinBaseUrl(basin as string);
  const url = base + pathOf(row, bag) + queryOf(row, bag);
  const sent: Record<string, string> = { ...headers };
  if (row.scope === "basin" && endpoints.sendBasinHeader) sent["s2-basin"] = basin as string;
  if (row.requestToken)
    sent["s2-request-token"] = requestToken(sent["s2-request-token"], randomBytes as RandomBytes);
  const body = bodyOf(name, row, bag);
  if (body === undefined) return { method: row.method, url, headers: sent };
  return { method: row.method, url, headers: { ...sent, "content-type": "application/json" }, body };
}

function checkFields(row: OperationRow, bag: Bag): void {
  for (const [name, field] of Object.entries(row.fields)) {
    if (bag[name] !== undefined || field.required) FIELD_KINDS[field.kind].check(bag[name], name);
  }
}

function pathOf(row: OperationRow, bag: Bag): string {
  return row.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(bag[name])));
}

function queryOf(row: OperationRow, bag: Bag): string {
  const pairs = entriesOf(row, bag, "query").map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
  );
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

function bodyOf(name: OperationName, row: OperationRow, bag: Bag): Uint8Array | undefined {
  const value = jsonOf(row, bag);
  if (value === undefined) return undefined;
  const body = new TextEncoder().encode(stringify(name, value));
  checkBodySize(`the body of ${name}`, body);
  return body;
}

/** The JSON body as a value; `undefined` for none. A bare `null` is a body that the service refuses, so it is none. */
function jsonOf(row: OperationRow, bag: Bag): unknown {
  if (row.body.kind === "bare") return bag[row.body.field] ?? undefined;
  if (row.body.kind !== "json") return undefined;
  const entries = entriesOf(row, bag, "body");
  return entries.length === 0 && !row.body.required ? undefined : Object.fromEntries(entries);
}

/** The fields given for one place, under their wire names. Two spellings of one name must agree. */
function entriesOf(row: OperationRow, bag: Bag, place: Field["in"]): [string, unknown][] {
  const given = new Map<string, { readonly name: string; readonly value: unknown }>();
  for (const [name, field] of Object.entries(row.fields)) {
    const value = bag[name];
    if (field.in !== place || value === undefined) continue;
    const wireName = field.as ?? name;
    const earlier = given.get(wireName);
    if (earlier !== undefined && earlier.value !== value) {
      throw invalidArgument(
        `${name} must equal ${earlier.name}, of which it is another name; got ${show(value)} and ${show(earlier.value)}`,
      );
    }
    given.set(wireName, { name, value });
  }
  return Array.from(given, ([wireName, { value }]) => [wireName, value]);
}

function stringify(name: OperationName, value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (thrown) {
    // A bigint or a cycle, in a field that this version does not know.
    const message = `the body of ${name} must be plain JSON`;
    throw new S2Error({ message, code: "INVALID_ARGUMENT", cause: thrown });
  }
}

function requestToken(given: string | undefined, randomBytes: RandomBytes): string {
  const token = given ?? createRequestToken(randomBytes);
  checkRequestToken(token);
  return token;
}

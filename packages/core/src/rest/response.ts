import { errorFromResponse } from "../codec/append-error-body.js";
import { isJsonObject, positionFromJson } from "../codec/json.js";
import { protocolError } from "../codec/protocol-error.js";
import type { AppendAck } from "../model/position.js";
import type { BasinInfo, BasinInfoOnWire, ProvisionResult } from "../model/resources.js";
import type { AccessTokenInfo, AccessTokenInfoOnWire } from "../model/tokens.js";
import type { WireResponse } from "../transport/index.js";
import { assertSuccess, jsonBody, withoutSideEffect } from "./answer.js";
import { doublesOnly, refuseUnsafeIntegers } from "./integers.js";
import type { OperationName, ResultOf, WireOf } from "./operation-types.js";
import { operationRow } from "./operations.js";
import { tailResponse } from "./tail-response.js";

/** Operations whose answer has a JSON body. */
type Answering = { [N in OperationName]: WireOf<N> extends undefined ? never : N }[OperationName];
type Decode<N extends OperationName> = (body: WireOf<N>, response: WireResponse) => ResultOf<N>;

/** From the wire's shape to the caller's, once the body is known to be JSON of the right kind. */
const DECODERS: { readonly [N in Answering]: Decode<N> } = {
  list_basins: (body) => ({ ...body, basins: itemsOf(body.basins, "basins").map(basinInfo) }),
  create_basin: basinInfo,
  get_basin_config: safe,
  ensure_basin: (body, response) => ({ result: provisionResult(response), basin: basinInfo(body) }),
  reconfigure_basin: safe,
  list_streams: (body) => ({ ...body, streams: itemsOf(body.streams, "streams") }),
  create_stream: safe,
  get_stream_config: safe,
  ensure_stream: (body, response) => ({ result: provisionResult(response), stream: body }),
  reconfigure_stream: safe,
  check_tail: tailResponse,
  read: safe,
  append: (body) => ackFromJson(body),
  list_access_tokens: (body) => ({
    ...body,
    access_tokens: itemsOf(body.access_tokens, "access_tokens").map(accessTokenInfo),
  }),
  issue_access_token: safe,
  list_locations: safe,
  get_default_location: safe,
  set_default_location: safe,
  account_metrics: doublesOnly,
  basin_metrics: doublesOnly,
  stream_metrics: doublesOnly,
};

/** How an answer is taken. */
export interface AnswerOptions {
  /** Of deletions: that there is nothing to delete is a success. */
  readonly ignoreNotFound?: boolean | undefined;
}

/**
 * The result of an operation from its answer in JSON. The status is looked at first: anything but a success is thrown as the
 * error it stands for.
 * @throws S2Error what the server answered; `PROTOCOL_ERROR` for a success whose body is missing, not JSON or of
 * another kind; `UNSAFE_INTEGER` for an integer beyond 2^53-1.
 */
export function decodeResponse<N extends OperationName>(
  name: N,
  response: WireResponse,
  options?: AnswerOptions,
): ResultOf<N>;
export function decodeResponse(
  name: OperationName,
  response: WireResponse,
  options?: AnswerOptions,
): unknown {
  const row = operationRow(name);
  if (row.goneMeansDone && options?.ignoreNotFound === true && isNotFound(response)) return undefined;
  assertSuccess(response, errorFromResponse);
  if (row.response === "none") return undefined;
  try {
    const decode = DECODERS[name as Answering] as (body: unknown, response: WireResponse) => unknown;
    return decode(jsonBody(name, response, name === "list_locations"), response);
  } catch (thrown) {
    throw row.effects === "safe" ? withoutSideEffect(thrown) : thrown;
  }
}

/** Says so itself: a 404 of whatever else answers at a wrong address does not. */
function isNotFound({ status, body }: WireResponse): boolean {
  return status === 404 && errorFromResponse(status, body).code?.endsWith("_not_found") === true;
}

/** What an ensure has done: as the header says, else as far as the status tells. */
export function provisionResult(response: WireResponse): ProvisionResult {
  const said = response.headers["s2-provision-result"];
  if (said === "created" || said === "updated" || said === "noop") return said;
  return response.status === 201 ? "created" : "updated";
}

/** A basin with the fields of newer and of older servers, each derived from the other. */
function basinInfo(wire: BasinInfoOnWire): BasinInfo {
  const location = wire.location ?? wire.scope ?? null;
  const deletedAt = wire.deleted_at ?? null;
  return {
    ...wire,
    location,
    deleted_at: deletedAt,
    scope: location,
    state: wire.state ?? (deletedAt === null ? "active" : "deleting"),
  };
}

function accessTokenInfo(wire: AccessTokenInfoOnWire): AccessTokenInfo {
  return { ...wire, auto_prefix_streams: wire.auto_prefix_streams ?? false };
}

/** Timestamps saturate: the records are stored, and an error here would say that they are not. */
function ackFromJson(body: AppendAck): AppendAck {
  return {
    start: positionFromJson(body.start, "start", "saturate"),
    end: positionFromJson(body.end, "end", "saturate"),
    tail: positionFromJson(body.tail, "tail", "saturate"),
  };
}

function safe<T>(body: T): T {
  refuseUnsafeIntegers(body);
  return body;
}

function itemsOf<T>(items: T[], what: string): T[] {
  if (Array.isArray(items) && items.every(isJsonObject)) return items;
  throw protocolError(`A listing was answered without ${what}`);
}

import type { AccessTokenScope } from "@s2-dev/streamstore-core";
import { OPERATION_NAMES, type OperationName, operations } from "@s2-dev/streamstore-core/operations";
import { createFakeClock, type FakeClock } from "@s2-dev/streamstore-core/testing";
import { type LocalServer, startLocal } from "../../src/index.js";
import { ALL_OPERATIONS } from "../../src/service/access/operation-groups.js";
import { type RawAnswer, sendOverHttp1 } from "../raw-client.js";

export const ROOT = "root-token";
export const ALL = { prefix: "" };
export const EVERYTHING: AccessTokenScope = {
  basins: ALL,
  streams: ALL,
  access_tokens: ALL,
  ops: [...ALL_OPERATIONS],
};

/** A server that demands tokens, on a clock that stands still. */
export interface World {
  readonly local: LocalServer;
  readonly clock: FakeClock;
  send(token: string | undefined, request: Request): Promise<RawAnswer>;
  /** Issues a token, with the root token unless told otherwise, and gives its secret. */
  issue(scope: AccessTokenScope, more?: object, by?: string): Promise<string>;
}

/** Starts one with a basin, and a stream in it, for each operation. */
export async function createWorld(): Promise<World> {
  const clock = createFakeClock();
  const local = await startLocal({
    auth: { rootToken: ROOT },
    clock,
    init: { basins: OPERATION_NAMES.map((name) => ({ name: basinOf(name), streams: [{ name: "stream" }] })) },
  });
  let issued = 0;
  const world: World = {
    local,
    clock,
    send: (token, { method, path, body, basin }) =>
      sendOverHttp1(local.origin, {
        method,
        path: `/v1${path}`,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(basin === undefined ? {} : { "s2-basin": basin }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    async issue(scope, more = {}, by = ROOT) {
      issued += 1;
      const body = { id: `token/${issued}`, scope, ...more };
      const answer = await world.send(by, { method: "POST", path: "/access-tokens", body });
      if (answer.status !== 201) throw new Error(answer.body.toString());
      return (json(answer) as { access_token: string }).access_token;
    },
  };
  return world;
}

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly basin?: string;
}

/** A basin for the tests of one operation. */
export function basinOf(operation: OperationName): string {
  return `for-${operation.replaceAll("_", "-")}`;
}

export function json(answer: RawAnswer): unknown {
  return JSON.parse(answer.body.toString());
}

/** Status and code, for example `403 permission_denied`; of a success only the status. */
export function verdict(answer: RawAnswer): string {
  if (answer.status < 300) return String(answer.status);
  return `${answer.status} ${(json(answer) as { code?: string }).code}`;
}

export const RECORD = { records: [{ body: "x" }] };
/** Base64 of the commands' bodies, since a trim point is no text. */
export const TRIM = { records: [{ headers: [["", "dHJpbQ=="]], body: "AAAAAAAAAAE=" }] };

/** A request that does the operation, with what JSON bodies it takes. */
export function requestOf(operation: OperationName): Request {
  const { method, path, scope } = operations[operation];
  const bodies: Partial<Record<OperationName, unknown>> = {
    create_basin: { basin: "new-by-create" },
    ensure_basin: {},
    reconfigure_basin: {},
    create_stream: { stream: "new" },
    ensure_stream: {},
    reconfigure_stream: {},
    append: RECORD,
    issue_access_token: { id: "other", scope: { ops: ["issue-access-token"] } },
    set_default_location: "aws:us-east-1",
  };
  const queries: Partial<Record<OperationName, string>> = {
    read: "?seq_num=0&count=0",
    account_metrics: "?set=account-ops&start=0&end=0",
    basin_metrics: "?set=storage&start=0&end=0",
    stream_metrics: "?set=storage&start=0&end=0",
  };
  const full = path
    .replace("{basin}", basinOf(operation))
    .replace("{stream}", "stream")
    .replace("{id}", "revocable");
  return {
    method,
    path: `${full}${queries[operation] ?? ""}`,
    ...(scope === "basin" ? { basin: basinOf(operation) } : {}),
    ...(operation in bodies ? { body: bodies[operation] } : {}),
  };
}

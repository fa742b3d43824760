import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { AccessTokenScope } from "@s2-dev/streamstore-core";
import type { Table } from "../../storage/storage.js";
import type { ServiceClock } from "../clock.js";
import { invalid, refuse, type ServiceError } from "../errors.js";
import type { KeyedLock } from "../keyed-lock.js";
import { type ListPage, type ListRequest, pageLimit } from "../rows.js";
import { type Grant, permissionDenied, requireName } from "./grant.js";
import { operationsOf } from "./operation-groups.js";
import { isWithin } from "./resource-set.js";

/** What is stored of an access token; of its secret only a digest. */
export interface TokenRow {
  readonly scope: AccessTokenScope;
  readonly autoPrefixStreams: boolean;
  /** Milliseconds since the epoch; `null` for no end. */
  readonly expiresAt: number | null;
  readonly secretDigest: string;
}

/** What listings tell of an access token. */
export interface TokenInfo extends Omit<TokenRow, "secretDigest"> {
  readonly id: string;
}

/** A token to issue. */
export interface TokenRequest {
  readonly id: string;
  readonly scope: AccessTokenScope;
  readonly autoPrefixStreams: boolean;
  /** `undefined`: that of who asks. */
  readonly expiresAt: number | undefined;
}

/** What is done to access tokens. */
export interface AccessTokens {
  list(request: ListRequest): Promise<ListPage<TokenInfo>>;
  /** Issues a token within the rights of who asks, nobody having all of them. Resolves with its secret. */
  issue(request: TokenRequest, by?: Grant): Promise<string>;
  revoke(id: string): Promise<void>;
  /** What a secret allows. @throws ServiceError `authn` for one that was never issued, is revoked or has expired. */
  authenticate(secret: string): Promise<Grant>;
}

const SECRET_BYTES = 32;
const SECRET_MARK = "s2local";

export function createAccessTokens(
  table: Table<TokenRow>,
  clock: ServiceClock,
  locks: KeyedLock,
): AccessTokens {
  /** A token whose time is over is none. */
  async function current(id: string): Promise<TokenRow | undefined> {
    const row = await table.get(id);
    return row === undefined || isOver(row, clock.epoch()) ? undefined : row;
  }

  /** Its name may have been given again meanwhile. */
  function remove(id: string): Promise<void> {
    return locks.exclusive(id, async () => {
      const row = await table.get(id);
      if (row !== undefined && isOver(row, clock.epoch())) await table.delete(id);
    });
  }

  async function sweep(): Promise<void> {
    const now = clock.epoch();
    for (let startAfter = "", more = true; more; ) {
      const page = await table.list({ prefix: "", startAfter, limit: 1000 });
      more = page.hasMore;
      for (const [id, row] of page.rows) {
        startAfter = id;
        if (isOver(row, now)) await remove(id);
      }
    }
  }

  return {
    async list(request) {
      await sweep();
      const page = await table.list({ ...request, limit: pageLimit(request.limit) });
      return { items: page.rows.map(([id, row]) => infoOf(id, row)), hasMore: page.hasMore };
    },

    issue: (request, by) =>
      locks.exclusive(request.id, async () => {
        const expiresAt = request.expiresAt ?? by?.expiresAt ?? null;
        checkRequest(request, clock.epoch());
        if (by !== undefined) checkWithin(request, expiresAt, by);
        if ((await current(request.id)) !== undefined) {
          throw refuse("resource_already_exists", `access token \`${request.id}\` already exists`);
        }
        const { id, scope, autoPrefixStreams } = request;
        const secret = secretOf(id);
        await table.put(id, { scope, autoPrefixStreams, expiresAt, secretDigest: digestOf(secret) });
        return secret;
      }),

    revoke: (id) =>
      locks.exclusive(id, async () => {
        if ((await current(id)) === undefined) {
          throw refuse("access_token_not_found", `access token \`${id}\` not found`);
        }
        await table.delete(id);
      }),

    async authenticate(secret) {
      const id = idOf(secret);
      const row = id === undefined ? undefined : await current(id);
      if (id === undefined || row === undefined || !isSecret(secret, row)) throw unauthenticated();
      return grantOf(id, row);
    },
  };
}

/** The caller is nobody that the server knows. */
export function unauthenticated(): ServiceError {
  return refuse("authn", "invalid access token");
}

/** Whether two secrets are the same, in a time that does not tell how far they agree. */
export function sameSecret(left: string, right: string): boolean {
  return timingSafeEqual(Buffer.from(digestOf(left), "hex"), Buffer.from(digestOf(right), "hex"));
}

function grantOf(id: string, { scope, autoPrefixStreams, expiresAt }: TokenRow): Grant {
  const { streams } = scope;
  return {
    id,
    operations: operationsOf(scope),
    basins: scope.basins,
    streams,
    accessTokens: scope.access_tokens,
    streamPrefix: autoPrefixStreams && streams != null && "prefix" in streams ? streams.prefix : "",
    expiresAt,
  };
}

/** Rules that hold whoever asks. @throws ServiceError 422. */
function checkRequest({ scope, autoPrefixStreams, expiresAt }: TokenRequest, now: number): void {
  if (operationsOf(scope).size === 0) throw invalid("access token must permit at least one operation");
  if (autoPrefixStreams && (scope.streams == null || !("prefix" in scope.streams))) {
    throw invalid("`auto_prefix_streams` requires a `streams` scope with a prefix");
  }
  if (expiresAt !== undefined && expiresAt <= now) throw invalid("`expires_at` must be in the future");
}

/** A token can hand on no more than it has. @throws ServiceError 403. */
function checkWithin({ id, scope }: TokenRequest, expiresAt: number | null, by: Grant): void {
  requireName(by.accessTokens, "access token", id);
  for (const operation of operationsOf(scope)) {
    if (!by.operations.has(operation)) throw exceeded(`operation \`${operation}\``);
  }
  if (!isWithin(scope.basins, by.basins)) throw exceeded("`basins`");
  if (!isWithin(scope.streams, by.streams)) throw exceeded("`streams`");
  if (!isWithin(scope.access_tokens, by.accessTokens)) throw exceeded("`access_tokens`");
  if (by.expiresAt !== null && (expiresAt === null || expiresAt > by.expiresAt))
    throw exceeded("`expires_at`");
}

function exceeded(what: string): ServiceError {
  return permissionDenied(`${what} exceeds the scope of the access token that asks`);
}

/** A new secret, which says for which id it is. */
function secretOf(id: string): string {
  const random = randomBytes(SECRET_BYTES).toString("base64url");
  return `${SECRET_MARK}.${Buffer.from(id).toString("base64url")}.${random}`;
}

function idOf(secret: string): string | undefined {
  const [mark, id, random, ...rest] = secret.split(".");
  if (mark !== SECRET_MARK || id === undefined || random === undefined || rest.length > 0) return undefined;
  return Buffer.from(id, "base64url").toString("utf8");
}

function digestOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

function isSecret(secret: string, { secretDigest }: TokenRow): boolean {
  return timingSafeEqual(Buffer.from(digestOf(secret), "hex"), Buffer.from(secretDigest, "hex"));
}

function isOver({ expiresAt }: TokenRow, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}

function infoOf(id: string, { scope, autoPrefixStreams, expiresAt }: TokenRow): TokenInfo {
  return { id, scope, autoPrefixStreams, expiresAt };
}

import type { S2AccessTokens, S2RequestOptions } from "@s2-dev/streamstore";
import {
  type AccessTokenScope,
  invalidArgument,
  type Operation,
  type ResourceSet,
} from "@s2-dev/streamstore-core";
import { show } from "@s2-dev/streamstore-core/transport";
import {
  checkAccessTokenId,
  checkBasinName,
  checkBasinPrefix,
  checkStreamName,
  checkStreamPrefix,
} from "@s2-dev/streamstore-core/wire";
import { checkOptions, type OptionNames } from "../options/check-options.js";
import { randomId } from "../random/random-id.js";
import { ScopedToken } from "./scoped-token.js";

/** A name, or all names that begin with a prefix. */
export type NameOrPrefix = string | { readonly prefix: string };

/** What every scoped token must say. */
export interface ScopedTokenArgs {
  /** The basin it is for; a prefix only with `allowWide`. */
  readonly basin: NameOrPrefix;
  /** The stream it is for, or a prefix of streams; the empty prefix, which is every stream, only with `allowWide`. */
  readonly stream: NameOrPrefix;
  /** How long it is good for, in milliseconds. */
  readonly expiresInMillis: number;
  /** The longest it may be good for, in milliseconds. Default: 24 hours. */
  readonly maxExpiresInMillis?: number | undefined;
  /** Let it reach several basins, or every stream of one. Default false. */
  readonly allowWide?: boolean | undefined;
  /** Id of the token, unique in the account. Default: the role and 16 random characters. */
  readonly id?: string | undefined;
  /** Put the prefix before the names of streams by itself, so that its holder does not see it. Needs a prefix. Default false. */
  readonly autoPrefix?: boolean | undefined;
  /** The time in milliseconds since the epoch. Default: the runtime's. */
  readonly now?: (() => number) | undefined;
}

/** The token of somebody who reads. */
export interface ReaderTokenArgs extends ScopedTokenArgs {
  /** May also list streams. Default false. */
  readonly list?: boolean | undefined;
}

/** The token of somebody who appends. */
export interface WriterTokenArgs extends ScopedTokenArgs {
  /** May also read: exactly-once mode does, and leases if they may. Default false. */
  readonly read?: boolean | undefined;
  /** May also append fence commands: leases do. Default false. */
  readonly fence?: boolean | undefined;
  /** May also append trim commands. Default false. */
  readonly trim?: boolean | undefined;
  /** May also create the streams. Default false: they exist, or the basin creates them on append. */
  readonly create?: boolean | undefined;
}

const COMMON: OptionNames<ScopedTokenArgs> = {
  basin: true,
  stream: true,
  expiresInMillis: true,
  maxExpiresInMillis: true,
  allowWide: true,
  id: true,
  autoPrefix: true,
  now: true,
};
const READER: OptionNames<ReaderTokenArgs> = { ...COMMON, list: true };
const WRITER: OptionNames<WriterTokenArgs> = { ...COMMON, read: true, fence: true, trim: true, create: true };

/** Where tokens come from: `s2.accessTokens`. */
export type TokenIssuer = Pick<S2AccessTokens, "issue">;

const DAY = 24 * 60 * 60 * 1000;

/**
 * Issues a token for someone who reads: `read` and `check-tail`, and with `list` also `list-streams`.
 * @throws S2Error `INVALID_ARGUMENT` for a scope that is too wide and for an expiry that is too far; nothing was sent.
 *
 * @example
 * const token = await issueReaderToken(s2.accessTokens, {
 *   basin: "my-favourite-basin",
 *   stream: { prefix: `users/${user}/` },
 *   expiresInMillis: 15 * 60_000,
 * });
 */
export function issueReaderToken(
  tokens: TokenIssuer,
  args: ReaderTokenArgs,
  options?: S2RequestOptions,
): Promise<ScopedToken> {
  return issue(tokens, "reader", READER, args, options, ({ list }) => [
    "read",
    "check-tail",
    ...(list === true ? (["list-streams"] as const) : []),
  ]);
}

/**
 * Issues a token for someone who writes: `append` and `check-tail`, and what the arguments add. A writer that fences or
 * trims needs `fence` or `trim` besides: without it the service refuses the command, although it is an append.
 * @throws S2Error `INVALID_ARGUMENT` for a scope that is too wide and for an expiry that is too far; nothing was sent.
 */
export function issueWriterToken(
  tokens: TokenIssuer,
  args: WriterTokenArgs,
  options?: S2RequestOptions,
): Promise<ScopedToken> {
  return issue(tokens, "writer", WRITER, args, options, (given) => [
    "append",
    "check-tail",
    ...(["read", "fence", "trim"] as const).filter((right) => given[right] === true),
    ...(given.create === true ? (["create-stream"] as const) : []),
  ]);
}

async function issue<Args extends ScopedTokenArgs>(
  tokens: TokenIssuer,
  role: string,
  names: OptionNames<Args>,
  args: Args,
  options: S2RequestOptions | undefined,
  opsOf: (args: Args) => Operation[],
): Promise<ScopedToken> {
  if (typeof tokens?.issue !== "function") {
    throw invalidArgument(`tokens come from s2.accessTokens, which has issue(); got ${show(tokens)}`);
  }
  checkOptions(args, `a ${role}'s token`, names);
  const { id = `${role}-${randomId(16)}`, autoPrefix = false, now = Date.now } = args;
  checkAccessTokenId(id);
  const scope: AccessTokenScope = { ...scopeOf(args), ops: opsOf(args) };
  if (autoPrefix && typeof args.stream === "string") {
    throw invalidArgument(`autoPrefix needs a stream prefix; got the stream ${show(args.stream)}`);
  }
  const expiresAt = expiryOf(now() + lifetimeOf(args));
  const { access_token } = await tokens.issue(
    { id, scope, expires_at: expiresAt.toISOString(), ...(autoPrefix ? { auto_prefix_streams: true } : {}) },
    options,
  );
  return new ScopedToken(id, expiresAt, scope, access_token);
}

function scopeOf({ basin, stream, allowWide = false }: ScopedTokenArgs): {
  basins: ResourceSet;
  streams: ResourceSet;
} {
  const basins = setOf("basin", basin, checkBasinName, checkBasinPrefix);
  const streams = setOf("stream", stream, checkStreamName, checkStreamPrefix);
  if (!allowWide && "prefix" in basins) {
    throw invalidArgument(
      `basin must be one basin unless allowWide is set; got the prefix ${show(basins.prefix)}`,
    );
  }
  if (!allowWide && "prefix" in streams && streams.prefix === "") {
    throw invalidArgument(
      "stream must be one stream, or a prefix that is not empty, unless allowWide is set",
    );
  }
  return { basins, streams };
}

function setOf(
  field: string,
  value: NameOrPrefix,
  checkName: (value: unknown, field: string) => void,
  checkPrefix: (value: unknown, field: string) => void,
): ResourceSet {
  if (typeof value === "object" && value !== null) {
    checkPrefix(value.prefix, `${field}.prefix`);
    return { prefix: value.prefix };
  }
  checkName(value, field);
  return { exact: value };
}

function lifetimeOf({ expiresInMillis, maxExpiresInMillis = DAY }: ScopedTokenArgs): number {
  if (typeof maxExpiresInMillis !== "number" || !(maxExpiresInMillis > 0)) {
    throw invalidArgument(`maxExpiresInMillis must be a number above 0; got ${show(maxExpiresInMillis)}`);
  }
  if (typeof expiresInMillis !== "number" || !(expiresInMillis > 0)) {
    throw invalidArgument(`expiresInMillis must be a number above 0; got ${show(expiresInMillis)}`);
  }
  if (expiresInMillis > maxExpiresInMillis) {
    throw invalidArgument(
      `expiresInMillis must be at most maxExpiresInMillis (${maxExpiresInMillis}); got ${expiresInMillis}`,
    );
  }
  return expiresInMillis;
}

/** Dates end in the year 275760, and what never expires has none. */
function expiryOf(millis: number): Date {
  const date = new Date(millis);
  if (Number.isNaN(date.getTime())) throw invalidArgument("expiresInMillis must end in a date");
  return date;
}

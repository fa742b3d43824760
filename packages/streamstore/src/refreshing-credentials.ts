import type { Credentials } from "@s2-dev/streamstore-core/client";
import {
  createDeferred,
  createSystemClock,
  invalidArgument,
  isS2Error,
  S2Error,
  show,
} from "@s2-dev/streamstore-core/client";
import type { AccessToken, AccessTokenProvider, bearer } from "./credentials.js";

/** A token is replaced this long before its expiry, in milliseconds, or in the last tenth of its life if that is shorter. */
const REFRESH_MARGIN = 30_000;
/**
 * An answer that has been awaited for so long, in milliseconds, is not shared any more: the function is asked anew. It may
 * never come: a worker takes along with a request what that has begun.
 */
const SHARING_MILLIS = 1000;

/** What the function was asked, by the first of those who need it. */
interface Asked {
  readonly at: number;
  readonly answer: Promise<string>;
}

/**
 * Credentials of a function that gives tokens: asked when one is needed, shared by all who need it. The check is passed
 * in: a bundler that splits would make a file of what this module and its importer share.
 */
export function createRefreshingCredentials(
  provider: AccessTokenProvider,
  headerOf: typeof bearer,
): Credentials {
  let current = "";
  let refreshAt = 0;
  let expiresAt = 0;
  let asked: Asked | undefined;

  async function ask(): Promise<string> {
    try {
      const given = await provider();
      const { token, expiresAt: expiry }: Partial<AccessToken> =
        typeof given === "object" ? (given ?? {}) : { token: given };
      const value = headerOf(token, "the token that accessToken() gave");
      const now = Date.now();
      expiresAt = expiry === undefined ? Number.POSITIVE_INFINITY : timeOf(expiry);
      refreshAt = expiresAt - Math.min(REFRESH_MARGIN, Math.max(0, expiresAt - now) / 10);
      current = value;
      return value;
    } catch (thrown) {
      // The one there is may be good for a while.
      if (current !== "" && Date.now() < expiresAt) return current;
      if (isS2Error(thrown) && thrown.code === "INVALID_ARGUMENT") throw thrown;
      throw new S2Error({
        message: "accessToken() gave no token",
        code: "TOKEN_UNAVAILABLE",
        retryable: !isS2Error(thrown) || thrown.retryable,
        cause: thrown,
      });
    }
  }

  function start(): Promise<string> {
    const mine = { at: Date.now(), answer: ask() };
    const settle = (): void => {
      if (asked === mine) asked = undefined;
    };
    mine.answer.then(settle, settle);
    asked = mine;
    return mine.answer;
  }

  async function share(others: Asked): Promise<string> {
    const late = createDeferred<undefined>();
    const patience = others.at + SHARING_MILLIS - Date.now();
    const cancelTimer = createSystemClock().timer(patience, () => late.resolve(undefined), true);
    const answer = await Promise.race([others.answer, late.promise]).finally(cancelTimer);
    return answer ?? authorization();
  }

  function authorization(): string | Promise<string> {
    const now = Date.now();
    if (current !== "" && now < refreshAt) return current;
    return asked === undefined || now - asked.at >= SHARING_MILLIS ? start() : share(asked);
  }

  return {
    authorization,
    renew(refused) {
      // Whoever else was refused with it may have replaced it already.
      if (refused === current) current = "";
      return true;
    },
  };
}

function timeOf(expiry: Date | number): number {
  const time = Number(expiry);
  if (Number.isFinite(time)) return time;
  throw invalidArgument(`expiresAt must be a Date, or milliseconds since the epoch; got ${show(expiry)}`);
}

import type { Credentials } from "@s2-dev/streamstore-core/client";
import {
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
  let asked: Promise<string> | undefined;
  let askedAt = 0;

  async function ask(): Promise<string> {
    try {
      // Later, so that `asked` is set when it fails at once.
      const given = await Promise.resolve().then(provider);
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
    } finally {
      // Where another one is under way already, it is asked once more than need be.
      asked = undefined;
    }
  }

  function authorization(): string | Promise<string> {
    const now = Date.now();
    if (current !== "" && now < refreshAt) return current;
    const shared = now - askedAt < SHARING_MILLIS && asked;
    if (!shared) {
      askedAt = now;
      asked = ask();
      return asked;
    }
    return new Promise((resolve, reject) => {
      const late = (): void => resolve(authorization());
      void shared.then(resolve, reject).finally(createSystemClock().timer(SHARING_MILLIS, late, true));
    });
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

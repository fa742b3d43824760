import type { Credentials } from "@s2-dev/streamstore-core/client";
import { invalidArgument } from "@s2-dev/streamstore-core/client";
import type { Parts, Refreshing } from "./parts.js";

/** What a function of access tokens gives: the token, and until when it is good. */
export interface AccessToken {
  /** The token itself. */
  readonly token: string;
  /** A date, or milliseconds since the epoch. Another token is asked for shortly before. */
  readonly expiresAt?: Date | number | undefined;
}

/** Gives an access token whenever one is needed; calls at the same time share what it gives. */
export type AccessTokenProvider = () => string | AccessToken | Promise<string | AccessToken>;

/**
 * Credentials of one token, which errors call by `name`, or of a function that gives them. `checkOpen` throws when none
 * is to be had any more. Tokens are kept in closures, where no inspection sees them.
 */
export function createCredentials(
  source: string | AccessTokenProvider,
  name: string,
  checkOpen: () => void,
  load: Parts["refreshing"],
): Credentials {
  if (typeof source === "function") return lazyCredentials(source, checkOpen, load);
  const token = bearer(source, name);
  return {
    authorization() {
      checkOpen();
      return token;
    },
    renew: () => false,
  };
}

/** What asks the function is loaded with the first token. */
function lazyCredentials(
  provider: AccessTokenProvider,
  checkOpen: () => void,
  load: Parts["refreshing"],
): Credentials {
  let loaded: Credentials | undefined;
  const begin = ({ createRefreshingCredentials }: Refreshing) => {
    loaded ??= createRefreshingCredentials(provider, bearer);
    return loaded.authorization();
  };
  return {
    authorization() {
      checkOpen();
      return loaded?.authorization() ?? load().then(begin);
    },
    renew: (refused) => loaded?.renew(refused) === true,
  };
}

/** What cannot stand in a header would fail later, with the token in the runtime's message. */
export function bearer(token: unknown, name: string): string {
  if (typeof token !== "string") throw invalidArgument(`${name} must be a string; got a ${typeof token}`);
  if (!/^[!-~]+$/.test(token)) {
    throw invalidArgument(`${name} must consist of visible ASCII characters, without spaces or line ends`);
  }
  return `Bearer ${token}`;
}

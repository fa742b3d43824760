import type { IncomingHttpHeaders } from "node:http";
import type { AccessTokens } from "../service/access/access-tokens.js";
import { sameSecret, unauthenticated } from "../service/access/access-tokens.js";
import type { Grant } from "../service/access/grant.js";

/** How callers are recognised. */
export interface AuthOptions {
  /** The token that may do everything; others are issued with it. Visible ASCII characters without blanks. */
  readonly rootToken: string;
}

/** Finds out who calls: everybody may do everything without authentication, and who has the root token with it. */
export type Authenticate = (headers: IncomingHttpHeaders) => Promise<Grant | "root">;

export function createAuthentication(options: AuthOptions | undefined, tokens: AccessTokens): Authenticate {
  if (options === undefined) return async () => "root";
  const { rootToken } = options;
  return async ({ authorization }) => {
    const [, token] = /^bearer +(\S+) *$/i.exec(authorization ?? "") ?? [];
    if (token === undefined) throw unauthenticated();
    return sameSecret(token, rootToken) ? "root" : tokens.authenticate(token);
  };
}

import type {
  AccessTokenInfo,
  IssueAccessTokenArgs,
  IssueAccessTokenResponse,
  ListAccessTokensArgs,
  ListAccessTokensResponse,
  RevokeAccessTokenArgs,
} from "@s2-dev/streamstore-core";
import type { ClientCore } from "./client-core.js";
import { listEverything } from "./list-all.js";
import type { DeleteOptions, S2RequestOptions } from "./options.js";

/** Access tokens of the account. @see https://s2.dev/docs/api/access-tokens */
export class S2AccessTokens {
  readonly #core: ClientCore;

  /** @internal Made by `S2`. */
  constructor(core: ClientCore) {
    this.#core = core;
  }

  /** One page of access tokens by id, at most 1000; never the secrets. */
  list(args: ListAccessTokensArgs = {}, options?: S2RequestOptions): Promise<ListAccessTokensResponse> {
    return this.#core.perform("list_access_tokens", args, options);
  }

  /** Every access token by id, never the secrets; pages are fetched as they are asked for. */
  listAll(
    args?: ListAccessTokensArgs,
    options?: S2RequestOptions,
  ): AsyncGenerator<AccessTokenInfo, void, undefined> {
    return listEverything(this.#core.parts, (page) => this.list(page, options), "access_tokens", "id", args);
  }

  /** Issues a token. The answer is the only place where the secret is ever shown. */
  issue(args: IssueAccessTokenArgs, options?: S2RequestOptions): Promise<IssueAccessTokenResponse> {
    return this.#core.perform("issue_access_token", args, options);
  }

  /**
   * Revokes a token: it is refused from then on. Rejects with code `access_token_not_found` when there is none,
   * unless told not to.
   */
  revoke(args: RevokeAccessTokenArgs, options?: DeleteOptions): Promise<void> {
    return this.#core.perform("revoke_access_token", args, options);
  }
}

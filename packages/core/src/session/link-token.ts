import { s2ErrorFromUnknown } from "../error/make.js";
import { amendError, type S2Error } from "../error/s2-error.js";
import { type Credentials, refusesToken } from "./context.js";

/** What the links of a session are opened with: asked for by each anew, and renewed once before the next success. */
export class LinkToken {
  readonly #credentials: Credentials;
  /** What the newest link was opened with. */
  #authorization = "";
  #isRenewed = false;

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  /** Opens a link with its authorization: now, or once it is there, if the link is still the current one by then. */
  give(
    isCurrent: () => boolean,
    open: (authorization: string) => void,
    fail: (error: S2Error) => void,
  ): void {
    const use = (authorization: string): void => {
      if (!isCurrent()) return;
      this.#authorization = authorization;
      open(authorization);
    };
    const refuse = (thrown: unknown): void => {
      if (isCurrent()) fail(tokenError(thrown));
    };
    let authorization: string | Promise<string>;
    try {
      authorization = this.#credentials.authorization();
    } catch (thrown) {
      return refuse(thrown);
    }
    if (typeof authorization === "string") use(authorization);
    else authorization.then(use, refuse);
  }

  /** Something has come over a link: the next refusal is a new one. */
  worked(): void {
    this.#isRenewed = false;
  }

  /** Whether this error refuses the token, and another one is to be tried at once. */
  renews(error: S2Error): boolean {
    if (this.#isRenewed || !refusesToken(error.code, error.status)) return false;
    this.#isRenewed = this.#credentials.renew(this.#authorization);
    return this.#isRenewed;
  }
}

function tokenError(thrown: unknown): S2Error {
  return amendError(s2ErrorFromUnknown(thrown, "The access token could not be had"), { sideEffect: "none" });
}

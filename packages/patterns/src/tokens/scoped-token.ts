import type { AccessTokenScope } from "@s2-dev/streamstore-core";

const SHOWN = "<redacted>";

/** An access token that was issued. Its secret is not seen in logs, in JSON or by spreading; `reveal()` gives it. */
export class ScopedToken {
  /** What `revoke` takes. */
  readonly id: string;
  /** When it stops being good. */
  readonly expiresAt: Date;
  /** What it may do, and where. */
  readonly scope: AccessTokenScope;
  readonly #secret: string;

  constructor(id: string, expiresAt: Date, scope: AccessTokenScope, secret: string) {
    this.id = id;
    this.expiresAt = expiresAt;
    this.scope = scope;
    this.#secret = secret;
  }

  /** The secret, to hand to whom it is for. */
  reveal(): string {
    return this.#secret;
  }

  /** Never the token: that is what `reveal()` gives. */
  toString(): string {
    return SHOWN;
  }

  /** What can be shown: the token itself is left out. */
  toJSON(): { id: string; expiresAt: Date; scope: AccessTokenScope; token: string } {
    return { id: this.id, expiresAt: this.expiresAt, scope: this.scope, token: SHOWN };
  }
}

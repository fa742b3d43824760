import { invalidArgument, MAX_FENCING_TOKEN_BYTES, utf8ByteLength } from "@s2-dev/streamstore-core";
import { checkObject, show } from "@s2-dev/streamstore-core/transport";

/** What a lease writes into the stream's fencing token. */
export interface LeaseToken {
  /** Until when it is held, in milliseconds since the epoch, by the owner's clock. */
  readonly expiresAt: number;
  /** Tells acquisitions apart, also those of one owner. */
  readonly nonce: string;
  /** What the owner calls itself. */
  readonly owner: string;
}

const VERSION = "L";
const DEADLINE_LENGTH = 9;
/** Characters of a nonce, each one of 64. */
export const NONCE_LENGTH = 10;
/** What is left of a fencing token for the owner's name, in bytes of UTF-8. */
export const MAX_OWNER_BYTES = MAX_FENCING_TOKEN_BYTES - VERSION.length - DEADLINE_LENGTH - NONCE_LENGTH;
const TOKEN = new RegExp(`^${VERSION}([0-9a-z]{${DEADLINE_LENGTH}})([\\w-]{${NONCE_LENGTH}})(.*)$`, "s");

/** Throws `INVALID_ARGUMENT` unless the value can be an owner's name. */
export function checkOwner(owner: unknown): asserts owner is string {
  if (typeof owner === "string" && utf8ByteLength(owner) <= MAX_OWNER_BYTES) return;
  throw invalidArgument(
    `owner must be text of at most ${MAX_OWNER_BYTES} bytes of UTF-8; got ${show(owner)}`,
  );
}

/** The fencing token of a lease: at most 36 bytes. */
export function formatLeaseToken(token: LeaseToken): string {
  checkObject(token, "token");
  const { expiresAt, nonce, owner } = token;
  return VERSION + Math.floor(expiresAt).toString(36).padStart(DEADLINE_LENGTH, "0") + nonce + owner;
}

/** The lease in a fencing token; `undefined` for an empty token and for one that something else has set. */
export function parseLeaseToken(token: string): LeaseToken | undefined {
  const [, deadline, nonce, owner] = TOKEN.exec(token) ?? [];
  if (deadline === undefined || nonce === undefined || owner === undefined) return undefined;
  return { expiresAt: Number.parseInt(deadline, 36), nonce, owner };
}

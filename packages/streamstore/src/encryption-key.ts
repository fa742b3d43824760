import { invalidArgument, isBytes, MAX_ENCRYPTION_KEY_LENGTH } from "@s2-dev/streamstore-core/client";
import { base64Of } from "./base64.js";
import { type Redacted, RedactedBox, redact } from "./redacted.js";

/**
 * A customer's key for the records of an encrypted stream. It goes along with every append and read, and shows in no
 * inspection, JSON, spread or error.
 * @see https://s2.dev/docs/concepts/encryption
 */
export class EncryptionKey extends RedactedBox<string> implements Redacted<string> {
  /** Checked here, for programs that may call what is private. */
  private constructor(key: string | Uint8Array) {
    super();
    redact(checkedKey(key), this);
  }

  /**
   * A key from its base64 text, which is trimmed, or from its bytes. The service's ciphers take 32 bytes; what else
   * fits its header passes here and is refused there.
   * @throws S2Error `INVALID_ARGUMENT` unless the header's value is 1 to 44 printable ASCII characters.
   */
  static from(key: string | Uint8Array): EncryptionKey {
    return new EncryptionKey(key);
  }
}

/** The header's value of a key. No message shows any of it. */
function checkedKey(key: unknown): string {
  if (typeof key !== "string" && !isBytes(key)) {
    throw invalidArgument(`An encryption key must be a string or a Uint8Array; got a ${typeof key}`);
  }
  const value = typeof key === "string" ? key.trim() : base64Of(key);
  const { length } = value;
  if (length < 1 || length > MAX_ENCRYPTION_KEY_LENGTH) {
    throw invalidArgument(
      `An encryption key must be 1 to ${MAX_ENCRYPTION_KEY_LENGTH} characters as base64; got ${length}`,
    );
  }
  if (!/^[!-~]+$/.test(value))
    throw invalidArgument("An encryption key must be printable ASCII without spaces");
  return value;
}

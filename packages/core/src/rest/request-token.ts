/** A source of random bytes: `crypto.getRandomValues` in a program, anything in a test. */
export type RandomBytes = (size: number) => Uint8Array;

const TOKEN_BYTES = 16;

/** A value for `s2-request-token`, by which the service recognises a second copy of a create: 32 hexadecimal digits. */
export function createRequestToken(randomBytes: RandomBytes): string {
  let token = "";
  for (const byte of randomBytes(TOKEN_BYTES)) token += byte.toString(16).padStart(2, "0");
  return token;
}

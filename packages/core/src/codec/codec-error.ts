/** Why input from a peer was refused, as the code the service answers with. */
export type CodecErrorCode = "bad_json" | "bad_proto" | "invalid";

/** Malformed input. Servers answer with its code and message; the SDK turns it into an `S2Error`. */
export class CodecError extends Error {
  readonly code: CodecErrorCode;

  constructor(code: CodecErrorCode, message: string) {
    super(message);
    this.name = "CodecError";
    this.code = code;
  }
}

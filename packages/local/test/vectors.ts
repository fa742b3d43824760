import { readFileSync } from "node:fs";

/** One recorded exchange with the real server. */
export interface Vector {
  readonly name: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly body_hex?: string;
    /** Pieces of the body in order; a session stays open unless the last says that the body ends. */
    readonly chunks_hex?: readonly string[];
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly body_hex?: string;
    readonly frames_hex?: readonly string[];
  };
}

/** Stands in `chunks_hex` for the end of the body. */
export const END_OF_BODY = "<end of request body>";

export function loadVectors(): readonly Vector[] {
  const url = new URL("./fixtures/vectors.json", import.meta.url);
  return (JSON.parse(readFileSync(url, "utf8")) as { vectors: Vector[] }).vectors;
}

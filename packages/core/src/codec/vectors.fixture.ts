import file from "../../test-fixtures/vectors.json" with { type: "json" };

/** One exchange recorded from s2-lite 0.43.4. */
export interface Vector {
  readonly name: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly body_hex?: string;
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

export const vectors = file.vectors as unknown as readonly Vector[];

export function vector(name: string): Vector {
  const found = vectors.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no vector is called ${name}`);
  return found;
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Text as UTF-8. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A value in which all bytes are text, one character a byte: quick to compare when they are many. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${new TextDecoder("latin1").decode(value)}`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

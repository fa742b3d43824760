/** What a text names: a name must be complete, the others may be empty. */
export type NameKind = "name" | "prefix" | "start-after";

const MAX_BASIN = 48;
const MIN_BASIN = 8;
const MAX_STREAM = 512;
const MAX_TOKEN_ID = 96;
const MAX_LOCATION = 64;

/** Longest fencing token and request token, in bytes. */
export const MAX_TOKEN_BYTES = 36;

/** Why a text is no basin name (or prefix of one), in the service's words; `undefined` when it is. */
export function basinNameFault(text: string, kind: NameKind = "name"): string | undefined {
  const size = Buffer.byteLength(text);
  if (size > MAX_BASIN) return `basin ${kind} must not exceed ${MAX_BASIN} bytes in length`;
  if (kind === "name" && size < MIN_BASIN)
    return `basin name should be at least ${MIN_BASIN} bytes in length`;
  if (text === "") return undefined;
  if (!/^[a-z0-9]/.test(text)) return `basin ${kind} must begin with a lowercase letter or number`;
  if (kind === "name" && !/[a-z0-9]$/.test(text))
    return "basin name must end with a lowercase letter or number";
  if (!/^[a-z0-9-]*$/.test(text))
    return `basin ${kind} must comprise lowercase letters, numbers, and hyphens`;
  return undefined;
}

/** Why a text is no stream name (or prefix of one); `undefined` when it is. */
export function streamNameFault(text: string, kind: NameKind = "name"): string | undefined {
  return pathNameFault(text, `stream ${kind}`, kind === "name", MAX_STREAM);
}

/** Why a text is no access token id (or prefix of one); `undefined` when it is. */
export function tokenIdFault(text: string, kind: NameKind = "name"): string | undefined {
  return pathNameFault(text, `access token ${kind === "name" ? "id" : kind}`, kind === "name", MAX_TOKEN_ID);
}

/** Why a text is no location; `undefined` when it is. */
export function locationFault(text: string): string | undefined {
  if (text === "") return "location name must be at least 1 character in length";
  if ([...text].length > MAX_LOCATION)
    return `location name must be at most ${MAX_LOCATION} characters in length`;
  if (/^[A-Za-z0-9:.-]+$/.test(text)) return undefined;
  return "location name must comprise ASCII letters, numbers, colons, hyphens, and periods";
}

/** Why a text is no fencing token; `undefined` when it is. */
export function fencingTokenFault(text: string): string | undefined {
  if (Buffer.byteLength(text) <= MAX_TOKEN_BYTES) return undefined;
  return `fencing token must not exceed ${MAX_TOKEN_BYTES} bytes in length`;
}

/** Why a text is no request token; `undefined` when it is. */
export function requestTokenFault(text: string): string | undefined {
  if (Buffer.byteLength(text) <= MAX_TOKEN_BYTES) return undefined;
  return `request token was longer than ${MAX_TOKEN_BYTES} bytes in length: ${Buffer.byteLength(text)}`;
}

function pathNameFault(text: string, what: string, complete: boolean, max: number): string | undefined {
  if (complete && text === "") return `${what} must not be empty`;
  if (complete && (text === "." || text === "..")) return `${what} must not be "." or ".."`;
  if (text.includes("\0")) return `${what} must not contain NUL bytes`;
  if (Buffer.byteLength(text) > max) return `${what} must not exceed ${max} bytes in length`;
  return undefined;
}

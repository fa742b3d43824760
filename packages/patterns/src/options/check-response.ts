import { invalidArgument } from "@s2-dev/streamstore-core";
import { show } from "@s2-dev/streamstore-core/transport";

/** What answers of any kind are given, besides what is theirs alone. */
interface ResponseOptions {
  readonly cursor?: string | null | undefined;
  readonly headers?: Headers | Readonly<Record<string, string>> | [string, string][] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Refuses before anything is opened what could only be found wrong once there is something to answer. */
export function checkResponseOptions({ cursor, headers, signal }: ResponseOptions): void {
  if (cursor !== undefined && cursor !== null && typeof cursor !== "string") {
    throw invalidArgument(`cursor must be text; got ${show(cursor)}`);
  }
  if (signal !== undefined && typeof signal?.addEventListener !== "function") {
    throw invalidArgument(`signal must be an AbortSignal; got ${show(signal)}`);
  }
  try {
    new Headers(headers);
  } catch (error) {
    throw invalidArgument(`headers must be headers of a response; got ${show(headers)}: ${error}`);
  }
}

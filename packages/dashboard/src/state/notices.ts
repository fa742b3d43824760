import { signal } from "@preact/signals";
import { isS2Error } from "@s2-dev/streamstore";

/** What was done or went wrong, said once at the edge of the page. */
export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly isError: boolean;
}

const SHOWN_MS = 6000;
let lastId = 0;
export const notices = signal<readonly Notice[]>([]);

export function notify(text: string, isError = false): void {
  lastId += 1;
  const notice: Notice = { id: lastId, text, isError };
  notices.value = [...notices.value, notice];
  setTimeout(() => dismiss(notice.id), SHOWN_MS);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** An error in words: its code, if it has one, and its message. */
export function errorText(error: unknown): string {
  if (isS2Error(error) && error.code !== undefined) return `${error.message} (${error.code})`;
  return error instanceof Error ? error.message : String(error);
}

/** Whether a token would help. */
export function asksForToken(error: unknown): boolean {
  return isS2Error(error) && (error.status === 401 || error.status === 403);
}

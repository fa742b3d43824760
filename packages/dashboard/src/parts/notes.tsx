import { isConnecting } from "../state/connection.js";
import { asksForToken, dismiss, errorText, notices } from "../state/notices.js";

export interface ErrorNoteProps {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
}

/** What went wrong, and what can be done about it. */
export function ErrorNote({ error, onRetry }: ErrorNoteProps) {
  return (
    <div class="note error" role="alert">
      <p>{errorText(error)}</p>
      <p class="actions">
        {asksForToken(error) ? (
          <button
            type="button"
            onClick={() => {
              isConnecting.value = true;
            }}
          >
            Enter a token
          </button>
        ) : null}
        {onRetry === undefined ? null : (
          <button type="button" onClick={onRetry}>
            Try again
          </button>
        )}
      </p>
    </div>
  );
}

export function Notices() {
  return (
    <div class="notices" aria-live="polite">
      {notices.value.map(({ id, text, isError }) => (
        <div key={id} class={isError ? "notice error" : "notice"}>
          <span>{text}</span>
          <button type="button" class="quiet icon" aria-label="Dismiss" onClick={() => dismiss(id)}>
            ✕
          </button>
        </div>
      ))}
    </div>
  );
}

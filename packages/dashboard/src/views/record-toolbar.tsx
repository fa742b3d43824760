import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import { BODY_VIEWS, type BodyView, type Reading } from "../logic/address.js";
import { amendReading } from "../state/location.js";

export interface RecordToolbarProps {
  readonly reading: Reading;
  readonly filterInput: RefObject<HTMLInputElement | null>;
  readonly placeInput: RefObject<HTMLInputElement | null>;
  readonly filterError: string | undefined;
  readonly hasRates: boolean;
  readonly onPause: () => void;
  readonly onLive: () => void;
  /** Whether the text named a place. */
  readonly onPlace: (text: string) => boolean;
  readonly onAppend: () => void;
  readonly onRates: () => void;
  readonly onShare: () => void;
  readonly onShortcuts: () => void;
}

const VIEW_NAMES: Readonly<Record<BodyView, string>> = { text: "Text", json: "JSON", hex: "Hex" };

export function RecordToolbar(props: RecordToolbarProps) {
  const { reading, filterInput, placeInput, filterError } = props;
  // What is typed is ahead of what is drawn: the field is not written to while it has the focus.
  useEffect(() => {
    const input = filterInput.current;
    if (input !== null && input !== document.activeElement) input.value = reading.filter;
  }, [filterInput, reading.filter]);
  return (
    <div class="bar" role="toolbar" aria-label="Records">
      <button
        type="button"
        class={reading.paused ? "primary" : undefined}
        aria-pressed={reading.paused}
        aria-keyshortcuts="Space"
        onClick={props.onPause}
      >
        {reading.paused ? "▶ Go on" : "❚❚ Pause"}
      </button>
      <button type="button" aria-keyshortcuts="l" onClick={props.onLive}>
        Tail
      </button>
      <form
        class="inline"
        onSubmit={(event) => {
          event.preventDefault();
          // Read from the field: Enter may come before the last letter is drawn.
          const input = placeInput.current;
          if (input === null || !props.onPlace(input.value)) return;
          input.value = "";
          input.blur();
        }}
      >
        <input
          ref={placeInput}
          class="place"
          aria-label="Go to a sequence number or a time"
          aria-keyshortcuts="g"
          placeholder="Go to # or time"
          title="1234, 2026-01-31 12:00, @1769860800000, start or tail"
          autocomplete="off"
        />
      </form>
      <input
        ref={filterInput}
        class="search grow"
        type="search"
        aria-label="Filter"
        aria-keyshortcuts="/"
        aria-invalid={filterError !== undefined}
        placeholder="Filter"
        title={
          filterError ?? 'word  "two words"  -not  /regex/i  is:command  is:fence  is:trim  header:name=value'
        }
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => amendReading({ filter: event.currentTarget.value })}
      />
      <fieldset class="segments">
        <legend class="unseen">Show bodies as</legend>
        {BODY_VIEWS.map((view) => (
          <label key={view}>
            <input
              type="radio"
              name="body-view"
              checked={view === reading.view}
              onChange={() => amendReading({ view })}
            />
            <span>{VIEW_NAMES[view]}</span>
          </label>
        ))}
      </fieldset>
      <button type="button" aria-pressed={props.hasRates} aria-keyshortcuts="r" onClick={props.onRates}>
        Rates
      </button>
      <button type="button" onClick={props.onShare}>
        Copy link
      </button>
      <button
        type="button"
        class="icon"
        aria-label="Keyboard shortcuts"
        aria-keyshortcuts="?"
        onClick={props.onShortcuts}
      >
        ?
      </button>
      <button type="button" class="primary" aria-keyshortcuts="a" onClick={props.onAppend}>
        Append
      </button>
      {filterError === undefined ? null : (
        <p class="wrong" role="alert">
          {filterError}
        </p>
      )}
    </div>
  );
}

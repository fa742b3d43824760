import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Page } from "../logic/take.js";
import type { Loaded } from "../state/use-loaded.js";
import { ErrorNote } from "./notes.js";

export interface ListingProps<T> {
  readonly loaded: Loaded<Page<T>>;
  readonly onMore: () => void;
  readonly empty: string;
  readonly columns: readonly string[];
  readonly row: (item: T) => ComponentChildren;
}

/** A table of what the server lists, or what stands in its place. */
export function Listing<T>({ loaded, onMore, empty, columns, row }: ListingProps<T>) {
  const { value, error, isLoading, reload } = loaded;
  if (error !== undefined) return <ErrorNote error={error} onRetry={reload} />;
  if (value === undefined) return <p class="empty">Loading…</p>;
  if (value.items.length === 0) return <p class="empty">{empty}</p>;
  return (
    <>
      <div class="table-box" aria-busy={isLoading}>
        <table>
          <thead>
            <tr>
              {columns.map((name) => (
                <th key={name} scope="col">
                  {name === "" ? <span class="unseen">Actions</span> : name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{value.items.map(row)}</tbody>
        </table>
      </div>
      {value.hasMore ? (
        <p class="more">
          <button type="button" onClick={onMore} disabled={isLoading}>
            Show more
          </button>
        </p>
      ) : null}
    </>
  );
}

export interface SearchProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

const PAUSE_MS = 200;

/** A field whose text counts when typing pauses. */
export function Search({ label, value, onValue }: SearchProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return undefined;
    const timer = setTimeout(() => onValue(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <input
      class="search"
      type="search"
      aria-label={label}
      placeholder={label}
      value={text}
      autocomplete="off"
      spellcheck={false}
      onInput={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") onValue(text);
      }}
    />
  );
}

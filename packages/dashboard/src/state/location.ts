import { effect, signal } from "@preact/signals";
import { hashOf, type Place, placeFromHash, type Reading, titleOf } from "../logic/address.js";

/** What the page shows. It is the address, and nothing else decides it. */
export const place = signal<Place>(placeFromHash(location.hash));

addEventListener("hashchange", () => {
  place.value = placeFromHash(location.hash);
});

effect(() => {
  document.title = titleOf(place.value);
});

/** Goes to a place; Back leads to where one was. */
export function goTo(next: Place): void {
  // Assigning what is there already would make no entry in the history, nor an event.
  location.hash = hashOf(next);
}

/** Changes how the place is looked at, without an entry in the history. */
export function amend(next: Place): void {
  history.replaceState(null, "", hashOf(next));
  place.value = next;
}

/** Changes how the records of the shown stream are looked at. */
export function amendReading(change: Partial<Reading>): void {
  const current = place.peek();
  if (current.page === "stream") amend({ ...current, reading: { ...current.reading, ...change } });
}

import { createObserver, EVENT_NAMES, type Hooks } from "@s2-dev/streamstore";
import { createOurParty } from "./ours.js";

/** How many events were told: a hook that does nothing at all could be left out by the engine. */
let told = 0;
const count = (): void => {
  told += 1;
};
process.once("exit", () => {
  if (told === 0) console.error("nobody was told of anything");
});

/** Ours with somebody who listens to everything. */
export const party = createOurParty({
  observer: createObserver(Object.fromEntries(EVENT_NAMES.map((name) => [name, count])) as Hooks),
});

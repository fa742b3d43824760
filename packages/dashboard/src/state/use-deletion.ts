import { useState } from "preact/hooks";
import { errorText, notify } from "./notices.js";

/** A deletion that is asked for, confirmed and done. */
export interface Deletion {
  /** What is about to be deleted. */
  readonly asked: string | undefined;
  ask(name: string): void;
  cancel(): void;
  confirm(): void;
}

export function useDeletion(remove: (name: string) => Promise<unknown>, done: () => void): Deletion {
  const [asked, setAsked] = useState<string>();
  return {
    asked,
    ask: setAsked,
    cancel: () => setAsked(undefined),
    confirm() {
      if (asked === undefined) return;
      remove(asked).then(
        () => {
          notify(`${asked} deleted`);
          done();
        },
        (error: unknown) => notify(errorText(error), true),
      );
    },
  };
}

import { createScriptedTransport, type ScriptedTransport } from "@s2-dev/streamstore-core/testing";

/** A value that is none of what options, records, handles or functions are. */
export const BAD = { null: null, text: "text", number: 5 } as const;

/** What is called with a bad value in the place that the name tells, and what it may be taken for after all. */
export type Row = readonly [
  place: string,
  call: (bad: never) => unknown,
  ...taken: readonly (keyof typeof BAD | "undefined")[],
];

/** Neither refused nor accepted at once: it waits for a server, which is not there. */
export const PENDING: unique symbol = Symbol("pending");

/** The first item of a list that is fetched as it is iterated. */
export const first = (list: AsyncIterable<unknown>): Promise<unknown> => list[Symbol.asyncIterator]().next();

/** A transport and a `fetch` that answer nothing, and how often they were used. */
export function createTrap(): {
  transport: ScriptedTransport;
  fetch: () => Promise<never>;
  uses: () => number;
} {
  const transport = createScriptedTransport();
  let fetched = 0;
  const fetch = () => {
    fetched += 1;
    return new Promise<never>(() => {});
  };
  const uses = () => fetched + transport.exchanges.length + transport.appends.length + transport.reads.length;
  return { transport, fetch, uses };
}

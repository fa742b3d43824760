import { open, readFile, rename } from "node:fs/promises";
import type { ResumePosition } from "@s2-dev/streamstore-patterns/typed";

/** What is durable: the effects, and up to where in the stream they go. */
export interface LedgerState {
  readonly balances: Record<string, number>;
  readonly bookings: number;
  readonly position?: ResumePosition | undefined;
}

/** A database of one file. Any database with transactions does the same: the position is one more row of each. */
export interface Ledger {
  state(): LedgerState;
  /** Where to go on reading; `undefined` before the first booking. */
  position(): ResumePosition | undefined;
  /** Books an amount and moves the position, both or neither. */
  book(account: string, cents: number, position: ResumePosition): Promise<void>;
}

export async function openLedger(file: string): Promise<Ledger> {
  let state = await load(file);
  return {
    state: () => state,
    position: () => state.position,
    async book(account, cents, position) {
      const balances = { ...state.balances, [account]: (state.balances[account] ?? 0) + cents };
      const next = { balances, bookings: state.bookings + 1, position };
      await replace(file, JSON.stringify(next));
      state = next;
    },
  };
}

async function load(file: string): Promise<LedgerState> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as LedgerState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { balances: {}, bookings: 0 };
    throw error;
  }
}

/** The commit: the new file takes the old one's place at once, whole. */
async function replace(file: string, text: string): Promise<void> {
  const handle = await open(`${file}.next`, "w");
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.next`, file);
}

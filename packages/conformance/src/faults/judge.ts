import { type AppendAck, isS2Error, type S2Error } from "@s2-dev/streamstore";
import { expect } from "vitest";

/** How one submitted record came out. */
export interface Outcome {
  readonly body: string;
  readonly ack?: AppendAck;
  readonly error?: S2Error;
}

export async function outcomeOf(body: string, ack: Promise<AppendAck>): Promise<Outcome> {
  try {
    return { body, ack: await ack };
  } catch (error) {
    // Whatever a wire throws arrives as an S2Error.
    expect(isS2Error(error), String(error)).toBe(true);
    return { body, error: error as S2Error };
  }
}

/** Checks what must hold after any fault, for records submitted one a batch, in order. */
export function judge(outcomes: readonly Outcome[], log: readonly string[], mayDuplicate: boolean): void {
  let last = -1;
  for (const { body, ack, error } of outcomes) {
    if (ack !== undefined) {
      expect(log[ack.start.seq_num]).toBe(body);
      expect(ack.start.seq_num).toBeGreaterThan(last);
      last = ack.start.seq_num;
    }
    if (error?.sideEffect === "none") expect(log).not.toContain(body);
  }
  const firsts = [...new Set(log)];
  expect(firsts).toEqual(outcomes.map(({ body }) => body).filter((body) => firsts.includes(body)));
  if (!mayDuplicate) expect(log).toEqual(firsts);
}

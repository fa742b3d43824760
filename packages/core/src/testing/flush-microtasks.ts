/**
 * Lets promises settle without letting time pass: waits for so many rounds of microtasks. The default is deeper than
 * any chain of promises in a session; a long pipe of streams may want more.
 */
export async function flushMicrotasks(rounds = 64): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await undefined;
}

/** How often what is asynchronous in the service is looked at, in milliseconds. */
const LOOK_EVERY = 20;
/** A guard against hanging, far above what anything takes here: a busy machine must not fail a test. */
const DEADLINE = 60_000;

/**
 * For what s2-lite does in the background, in milliseconds: two rounds. It begins one as soon as there is something to
 * do, and goes through everything that is pending, of all tests; what fails on the way waits for the next round, which
 * comes after a minute and up to six seconds unless something else begins it.
 */
export const ROUND_DEADLINE = 150_000;

/** Looks again and again until there is a value; fails at the deadline, saying what did not come about. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined>,
  deadlineMillis = DEADLINE,
): Promise<T> {
  const end = performance.now() + deadlineMillis;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`${what}: not within ${deadlineMillis} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
}

/** The promise's outcome; fails at the deadline, saying what did not settle. */
export async function settled<T>(
  what: string,
  promise: PromiseLike<T>,
  deadlineMillis = DEADLINE,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${deadlineMillis} ms`)), deadlineMillis);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

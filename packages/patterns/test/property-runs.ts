/**
 * How often a property is tried: `S2_PROPERTY_RUNS` times as often as usual, for runs of minutes or hours. fast-check
 * prints the seed and the path of what fails.
 */
export function propertyRuns(usual: number): number {
  return Math.max(1, Math.round(usual * FACTOR));
}

/** As long as so many runs may take, in milliseconds. */
export function propertyTimeout(usual: number): number {
  return usual * Math.max(1, FACTOR);
}

const FACTOR = factorFrom(process.env.S2_PROPERTY_RUNS);

function factorFrom(text: string | undefined): number {
  if (text === undefined || text === "") return 1;
  const factor = Number(text);
  if (factor > 0 && Number.isFinite(factor)) return factor;
  throw new Error(`S2_PROPERTY_RUNS must be a number above 0; got ${JSON.stringify(text)}`);
}

/** Advice to reconnect is followed at most once in this time, in milliseconds (contract G.11). */
export const ADVICE_INTERVAL = 60_000;

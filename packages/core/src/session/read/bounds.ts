/** How long opening waits for the frame that fixes a relative start, in milliseconds (contract H.7). */
export const FIRST_FRAME_WAIT = 1000;
/** How long a server may take to end a read that has had all it asked for, in milliseconds. */
export const FINISH_BOUND = 1000;
/** A followed stream sends a heartbeat at least every 15 s; silence for longer than this means a dead link, in ms. */
export const SILENCE_LIMIT = 20_000;

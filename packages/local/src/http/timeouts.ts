/** How long a peer may be silent, or take, in milliseconds of the runtime's own time. */
export interface Timeouts {
  /** Until a new connection has said which protocol it speaks, or has agreed on TLS. */
  readonly helloMs: number;
  /** Until the head of an HTTP/1.1 request is complete. */
  readonly headersMs: number;
  /** Between two pieces of a request's body that has to be complete before it is looked at. Sessions are not meant. */
  readonly bodyMs: number;
  /** Until such a body is complete, however steadily it comes. */
  readonly wholeBodyMs: number;
  /** Between two pings over HTTP/2: who has not answered one when the next is due is cut off. */
  readonly pingMs: number;
}

const DEFAULT_TIMEOUTS: Timeouts = {
  helloMs: 10_000,
  headersMs: 20_000,
  bodyMs: 30_000,
  wholeBodyMs: 120_000,
  pingMs: 20_000,
};

/** All of them: what is left out, or `undefined`, is as by default. */
export function timeoutsOf(given: { readonly [N in keyof Timeouts]?: number | undefined } = {}): Timeouts {
  return {
    helloMs: given.helloMs ?? DEFAULT_TIMEOUTS.helloMs,
    headersMs: given.headersMs ?? DEFAULT_TIMEOUTS.headersMs,
    bodyMs: given.bodyMs ?? DEFAULT_TIMEOUTS.bodyMs,
    wholeBodyMs: given.wholeBodyMs ?? DEFAULT_TIMEOUTS.wholeBodyMs,
    pingMs: given.pingMs ?? DEFAULT_TIMEOUTS.pingMs,
  };
}

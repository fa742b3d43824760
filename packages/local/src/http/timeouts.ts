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

export const DEFAULT_TIMEOUTS: Timeouts = {
  helloMs: 10_000,
  headersMs: 20_000,
  bodyMs: 30_000,
  wholeBodyMs: 120_000,
  pingMs: 20_000,
};

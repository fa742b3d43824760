import { S2Error, type S2ErrorInit } from "../../src/error/s2-error.js";
import type { ModelReadLink } from "../../src/testing/index.js";
import { LARGEST_BATCH, type ReadWorld } from "./read-world.js";
import { pick, timeSteps, type Weights } from "./simulate.js";

const fault = (code: string, facts: Partial<S2ErrorInit> = {}): S2Error =>
  new S2Error({ message: code, code, ...facts });

const CURABLE: readonly (() => S2Error)[] = [
  () => fault("CONNECTION_LOST"),
  () => fault("CONNECT_FAILED"),
  () => fault("server_draining"),
  () => fault("unavailable"),
  () => fault("rate_limited", { retryAfterMillis: 3000 }),
];
const FATAL: readonly (() => S2Error)[] = [
  () => fault("stream_not_found"),
  () => fault("PROTOCOL_ERROR"),
  () => fault("UNSAFE_INTEGER"),
];
/** In milliseconds; near the deadlines of a session. */
const PAUSES = [1, 100, 100, 250, 250, 999, 1000, 4999, 5000, 15_000, 25_000];

/** Lets a healthy server do what it would. */
export function serve(link: ModelReadLink): void {
  link.open();
  while (link.send(LARGEST_BATCH) && !link.isAtTail);
  link.end();
}

/** Gives whether anything happened. */
type Run = (world: ReadWorld, amount: number) => boolean | Promise<boolean>;
const onLink =
  (act: (link: ModelReadLink, amount: number) => boolean): Run =>
  ({ link }, amount) =>
    link !== undefined && act(link, amount);

/** What ends everything is drawn as often as the rest, and done one time in so many. */
const seldom = (amount: number): boolean => amount % 10 === 0;

/** Everything that can happen to a read session. */
export const STEPS = {
  ask: (world) => world.ask(),
  cancel: (world, amount) => seldom(amount) && world.cancel(),
  abort: (world, amount) => seldom(amount) && world.abort(),
  grow: (world, amount) => {
    for (let count = 0; count <= amount % 4; count += 1) world.grow();
    return true;
  },
  flow: (world, amount) => {
    world.ask();
    const { link } = world;
    if (link === undefined) return false;
    const hasOpened = link.open();
    return link.send(1 + (amount % LARGEST_BATCH)) || hasOpened;
  },
  open: onLink((link) => link.open()),
  send: onLink((link, amount) => link.send(1 + (amount % LARGEST_BATCH))),
  heartbeat: onLink((link) => link.heartbeat()),
  trickle: onLink((link) => link.trickle()),
  advise: onLink((link, amount) => link.send(1 + (amount % LARGEST_BATCH), { reconnectAdvised: true })),
  unsafe: onLink((link, amount) => {
    const failure = fault("UNSAFE_INTEGER");
    return seldom(amount) && link.send(1 + (amount % LARGEST_BATCH), { failure });
  }),
  repeat: onLink(
    (link, amount) =>
      amount % 4 === 0 && link.rewind(1 + (amount % LARGEST_BATCH)) && link.send(LARGEST_BATCH),
  ),
  end: onLink((link) => link.end()),
  fail: onLink((link, amount) => link.fail(pick(CURABLE, amount)())),
  failForGood: onLink((link, amount) => seldom(amount) && link.fail(pick(FATAL, amount)())),
  sendAndFail: onLink((link, amount) => {
    return link.send(1 + (amount % LARGEST_BATCH)) && link.fail(pick(CURABLE, amount)());
  }),
  ...timeSteps(PAUSES),
} as const satisfies Readonly<Record<string, Run>>;

export type StepName = keyof typeof STEPS;

export const WEIGHTS: Weights<StepName> = {
  ask: 22,
  cancel: 1,
  abort: 1,
  grow: 5,
  open: 12,
  send: 14,
  heartbeat: 4,
  trickle: 1,
  advise: 1,
  unsafe: 1,
  flow: 8,
  repeat: 1,
  end: 2,
  fail: 3,
  failForGood: 1,
  sendAndFail: 2,
  nextTimer: 7,
  advance: 2,
  block: 1,
};

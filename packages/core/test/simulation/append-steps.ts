import { S2Error, type S2ErrorInit } from "../../src/error/s2-error.js";
import type { ModelAppendLink } from "../../src/testing/index.js";
import type { AppendWorld, Way } from "./append-world.js";
import { pick, timeSteps, type Weights } from "./simulate.js";

const fault = (code: string, facts: Partial<S2ErrorInit> = {}): S2Error =>
  new S2Error({ message: code, code, ...facts });

/** What ends a link and lets a session try again. */
const CURABLE: readonly (() => S2Error)[] = [
  () => fault("CONNECTION_LOST"),
  () => fault("REQUEST_REFUSED"),
  () => fault("server_draining"),
  () => fault("storage"),
  () => fault("unavailable"),
  () => fault("hot_server"),
  () => fault("rate_limited", { retryAfterMillis: 3000 }),
  () => fault("server_draining", { retryAfterMillis: 700 }),
  () => fault("rate_limited", { retryAfterMillis: 3_600_000 }),
];
const FATAL: readonly (() => S2Error)[] = [
  () => fault("stream_not_found"),
  () => fault("permission_denied", { status: 403 }),
  () => fault("PROTOCOL_ERROR"),
];
const WAYS: readonly Way[] = ["submit", "enqueue", "write"];
/** In milliseconds; near the deadlines of a session. */
const PAUSES = [1, 100, 100, 250, 250, 999, 1000, 2000, 4999, 5000, 5001, 61_000];

/** Takes what is sent, and breaks before anything is acknowledged. */
export function cut(link: ModelAppendLink): void {
  link.open();
  while (link.take());
  link.fail(fault("CONNECTION_LOST"));
}

/** Moves a batch as far as it goes: sent, written, acknowledged. */
export function serve(link: ModelAppendLink): void {
  link.open();
  link.becomeWritable();
  while (link.take());
  while (link.write());
  link.ack(Number.POSITIVE_INFINITY);
  if (link.written < link.sent.length || link.isFinished) link.end();
}

const repeat = (times: number, act: () => boolean): boolean => {
  let count = 0;
  while (count < times && act()) count += 1;
  return count > 0;
};

/** Moves batches a part of the way, which is where a break leaves most to get wrong. */
function flow(link: ModelAppendLink, amount: number): boolean {
  const hasOpened = link.open();
  const hasTaken = repeat(1 + (amount % 3), () => link.take());
  const hasWritten = repeat(amount % 5, () => link.write());
  const hasAcked = amount % 7 > 2 && link.ack(1 + (amount % 2));
  return hasOpened || hasTaken || hasWritten || hasAcked;
}

/** Gives whether anything happened. */
type Run = (world: AppendWorld, amount: number) => boolean | Promise<boolean>;
const onLink =
  (act: (link: ModelAppendLink, amount: number) => boolean): Run =>
  ({ link }, amount) =>
    link !== undefined && act(link, amount);

/** What ends everything is drawn as often as the rest, and done one time in so many. */
const seldom = (amount: number): boolean => amount % 10 === 0;

/** Everything that can happen to an append session. */
export const STEPS = {
  append: (world, amount) => world.append(pick(WAYS, amount), 1 + (amount % 2), amount > 235),
  appendIf: (world, amount) => world.append(pick(WAYS, amount), 1, false, amount < 240 ? "right" : "wrong"),
  nonsense: (world) => world.appendNonsense(),
  intrude: (world, amount) => amount > 200 && world.intrude(),
  trim: (world, amount) => amount > 220 && world.trim(),
  blind: (world, amount) => world.blind(amount % 4),
  close: (world, amount) => seldom(amount) && world.close(amount % 20 === 0),
  abort: (world, amount) => seldom(amount) && world.abort(amount % 20 === 0),
  serve: onLink((link) => {
    serve(link);
    return true;
  }),
  open: onLink((link) => link.open()),
  leave: onLink((link) => link.leave()),
  take: onLink((link, amount) => repeat(1 + (amount % 3), () => link.take())),
  write: onLink((link, amount) => repeat(1 + (amount % 3), () => link.write())),
  ack: onLink((link, amount) => link.ack(1 + (amount % 3))),
  stall: onLink((link) => link.stall()),
  becomeWritable: onLink((link) => link.becomeWritable()),
  flow: onLink(flow),
  advise: onLink((link) => link.advise()),
  handOver: onLink((link) => {
    link.open();
    repeat(9, () => link.take());
    repeat(9, () => link.write());
    // The last ack lets the session go on elsewhere, while its old link has not ended.
    return link.advise() && link.ack(9);
  }),
  end: onLink((link) => link.end()),
  cut: onLink((link) => link.fail(fault("CONNECTION_LOST"))),
  fail: onLink((link, amount) => link.fail(pick(CURABLE, amount)())),
  failForGood: onLink((link, amount) => seldom(amount) && link.fail(pick(FATAL, amount)())),
  goAway: onLink((link) => link.fail(fault("REQUEST_REFUSED"))),
  ackAndFail: onLink((link, amount) => link.ack(1 + (amount % 2)) && link.fail(pick(CURABLE, amount)())),
  oldLink: ({ server }, amount) => {
    const [old, current] = server.appends.filter(({ isOver }) => !isOver);
    if (old === undefined || current === undefined) return false;
    const acts = [
      () => old.end(),
      () => old.fail(pick(CURABLE, amount)()),
      () => old.advise(),
      () => old.stall(),
    ];
    const hasActed = pick(acts, amount)();
    return old.becomeWritable() || hasActed;
  },
  writeLate: ({ server }, amount) => {
    const dead = server.appends.filter(({ isOver }) => isOver);
    return dead.length > 0 && pick(dead, amount).write();
  },
  ...timeSteps(PAUSES),
} as const satisfies Readonly<Record<string, Run>>;

export type StepName = keyof typeof STEPS;

export const WEIGHTS: Weights<StepName> = {
  append: 10,
  appendIf: 4,
  nonsense: 1,
  intrude: 1,
  trim: 1,
  blind: 1,
  close: 1,
  abort: 1,
  serve: 4,
  open: 9,
  leave: 3,
  take: 7,
  write: 7,
  ack: 7,
  stall: 1,
  becomeWritable: 2,
  flow: 9,
  advise: 1,
  handOver: 2,
  end: 1,
  cut: 2,
  fail: 2,
  failForGood: 1,
  goAway: 1,
  ackAndFail: 2,
  oldLink: 3,
  writeLate: 3,
  nextTimer: 6,
  advance: 2,
  block: 1,
};

import { S2Error } from "../error/s2-error.js";
import type { Transport } from "../transport/index.js";
import { createModelAppendLink, type ModelAppendHooks, type ModelAppendLink } from "./model-append-link.js";
import { createModelLog, type ModelLog } from "./model-log.js";
import { createModelReadLink, type ModelReadLink } from "./model-read-link.js";

/**
 * A server of one stream as a transport, which does nothing by itself: a schedule moves its links step by step, so
 * that every order of events can be tried and what was written can be compared with what was reported.
 */
export interface ModelServer extends Transport {
  /** What is stored. */
  readonly log: ModelLog;
  /** Every link so far, oldest first. */
  readonly appends: readonly ModelAppendLink[];
  /** Every read link that was opened, in order. */
  readonly reads: readonly ModelReadLink[];
}

const NO_HOOKS: ModelAppendHooks = { sent: () => {}, acked: () => {} };

/** Makes a model server with an empty log. `hooks` are told of each batch sent and each ack delivered. */
export function createModelServer(hooks: ModelAppendHooks = NO_HOOKS): ModelServer {
  const log = createModelLog();
  const appends: ModelAppendLink[] = [];
  const reads: ModelReadLink[] = [];
  return {
    name: "model",
    log,
    appends,
    reads,
    exchange: () =>
      Promise.reject(new S2Error({ message: "the model server knows no unary calls", code: "UNSUPPORTED" })),
    openAppend(_request, events) {
      const { link, model } = createModelAppendLink(log, events, hooks);
      appends.push(model);
      return link;
    },
    openRead(request) {
      const { link, model } = createModelReadLink(log, request);
      reads.push(model);
      return link as never;
    },
    async close() {},
  };
}

import type { AttemptOptions, Transport, WireRequest, WireResponse } from "../transport/index.js";
import { createDeferred } from "../util/deferred.js";
import {
  type AppendScript,
  createScriptedAppendLink,
  type ScriptedAppendLink,
} from "./scripted-append-link.js";
import { createScriptedReadLink, type ScriptedReadLink, transportClosed } from "./scripted-read-link.js";

/** A unary call that waits for its answer. */
export interface ScriptedExchange {
  /** What was asked for. */
  readonly request: WireRequest;
  /** What the attempt was made with. */
  readonly options: AttemptOptions & { readonly signal: AbortSignal };
  /** Answers it; what is left out is 200 and empty. */
  answer(response: Partial<WireResponse>): void;
  /** Fails it. */
  fail(error: Error): void;
}

/** A transport that does nothing by itself: a test plays the network and the server. */
export interface ScriptedTransport extends Transport {
  /** Every link and call so far, oldest first. */
  readonly appends: readonly ScriptedAppendLink[];
  /** Every read link that was opened, in order. */
  readonly reads: readonly ScriptedReadLink[];
  /** Every unary call, in order. */
  readonly exchanges: readonly ScriptedExchange[];
  /** Where the session under test broke the rules of the seam; empty when all is well. */
  readonly violations: readonly string[];
  /** Sequence number that the next acknowledged record gets. */
  nextSeqNum: number;
  /** The newest append link; throws when there is none. */
  append(): ScriptedAppendLink;
  /** The newest read link; throws when there is none. */
  read(): ScriptedReadLink;
  /** The newest unary call; throws when there is none. */
  exchanged(): ScriptedExchange;
}

function newest<T>(list: readonly T[], what: string): T {
  const last = list[list.length - 1];
  if (last === undefined) throw new Error(`no ${what} so far`);
  return last;
}

/** Makes a transport that is driven by a test. */
export function createScriptedTransport(): ScriptedTransport {
  const appends: ScriptedAppendLink[] = [];
  const reads: ScriptedReadLink[] = [];
  const exchanges: ScriptedExchange[] = [];
  const aborts: (() => void)[] = [];
  const script: AppendScript = { nextSeqNum: 0, violations: [] };
  const { violations } = script;
  return {
    name: "scripted",
    appends,
    reads,
    exchanges,
    violations,
    get nextSeqNum() {
      return script.nextSeqNum;
    },
    set nextSeqNum(value) {
      script.nextSeqNum = value;
    },
    append: () => newest(appends, "append link"),
    read: () => newest(reads, "read link"),
    exchanged: () => newest(exchanges, "unary call"),
    exchange(request, options) {
      const response = createDeferred<WireResponse>();
      exchanges.push({
        request,
        options,
        answer: (given) => response.resolve({ status: 200, headers: {}, body: new Uint8Array(), ...given }),
        fail: (error) => response.reject(error),
      });
      return response.promise;
    },
    openAppend(request, events, options) {
      const { link, scripted } = createScriptedAppendLink(request, options, events, script);
      appends.push(scripted);
      aborts.push(() => link.abort(transportClosed()));
      return link;
    },
    openRead(request, format, options) {
      const { link, scripted } = createScriptedReadLink(request, format, options, violations);
      reads.push(scripted);
      aborts.push(() => link.abort(transportClosed()));
      return link;
    },
    async close() {
      for (const abort of aborts) abort();
    },
  };
}

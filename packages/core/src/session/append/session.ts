import { type AppendConditions, encodeAppendBatch } from "../../codec/append-input.js";
import { abortedError, invalidArgument, sessionClosedError } from "../../error/make.js";
import type { S2Error } from "../../error/s2-error.js";
import type { AppendAck } from "../../model/position.js";
import type { AppendRecordInput } from "../../model/record.js";
import { BATCH_FIELDS, checkOptionNames } from "../../model/shapes.js";
import type { WireRequest } from "../../transport/index.js";
import { ignoreRejection } from "../../util/deferred.js";
import { onAbort } from "../../util/signal.js";
import { type SessionContext, withRetry } from "../context.js";
import type { ObservedSession } from "../observer.js";
import { createRecorder, type Recorder } from "../recorder.js";
import { resolveAdmissionSettings } from "./admission.js";
import { AppendDriver, type AppendObserver } from "./driver.js";
import type { PositionChain } from "./exactly-once.js";
import { PendingBatch } from "./pending.js";
import type {
  AcksStream,
  AppendArgs,
  AppendSession,
  AppendSessionOptions,
  AppendTicket,
  SubmitArgs,
} from "./types.js";

export interface AppendSessionSpec {
  /** The append of the stream, without a body. */
  readonly request: WireRequest;
  readonly options?: AppendSessionOptions | undefined;
  /** Of exactly-once mode, which only those who ask for it load. */
  readonly chain?: PositionChain | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Registers what closes the session with its owner, who gives back what unregisters it when it has ended. */
  readonly track?: ((close: () => Promise<void>) => () => void) | undefined;
}

/** Starts an append session. Touches no network: the first batch does. Throws `INVALID_ARGUMENT` for bad options. */
export function createAppendSession(context: SessionContext, spec: AppendSessionSpec): AppendSession {
  const settings = resolveAdmissionSettings(spec.options);
  if ((spec.options?.exactlyOnce ?? false) !== false && spec.chain === undefined) {
    throw invalidArgument("exactlyOnce needs a position chain, which this session was not given");
  }
  if (spec.signal?.aborted) throw abortedError(spec.signal.reason);
  const own = withRetry(context, spec.options?.retry);
  const observed = own.observer?.session("append_session", own, spec.request);
  return new PipelinedAppendSession(observed?.context ?? own, spec, settings, observed);
}

class PipelinedAppendSession implements AppendSession {
  readonly #encode: Encode;
  readonly #driver: AppendDriver;
  #acks: Recorder<AppendAck> | undefined;
  #writable: WritableStream<AppendArgs> | undefined;
  #writableController: WritableStreamDefaultController | undefined;
  #isClosedByWritable = false;

  constructor(
    context: SessionContext,
    spec: AppendSessionSpec,
    settings: ReturnType<typeof resolveAdmissionSettings>,
    observed: ObservedSession | undefined,
  ) {
    let removeListener = (): void => {};
    let untrack = (): void => {};
    const { chain } = spec;
    this.#encode = chain === undefined ? encode : encoderWith(chain);
    const observer: AppendObserver = {
      acked: (ack) => this.#acks?.push(ack),
      ended: (failure) => {
        removeListener();
        this.#acks?.end(failure);
        this.#failWritable(failure);
        untrack();
        observed?.ended(failure);
      },
    };
    this.#driver = new AppendDriver(context, spec.request, settings, observer, chain);
    removeListener = onAbort(spec.signal, (reason) => this.#driver.abort(abortedError(reason, "possible")));
    untrack = spec.track?.(() => this.close()) ?? untrack;
  }

  get readable(): ReadableStream<AppendAck> {
    return this.acks();
  }

  get writable(): WritableStream<AppendArgs> {
    this.#writable ??= this.#createWritable();
    return this.#writable;
  }

  submit(records: AppendRecordInput | readonly AppendRecordInput[], args?: SubmitArgs): Promise<AppendAck> {
    try {
      const pending = this.#prepare(records, args);
      const ack = pending.ack();
      this.#driver.admission.enter(pending);
      return ack;
    } catch (error) {
      return this.#refuse(error);
    }
  }

  enqueue(
    records: AppendRecordInput | readonly AppendRecordInput[],
    args?: SubmitArgs,
  ): Promise<AppendTicket> {
    try {
      const pending = this.#prepare(records, args);
      const { admission } = this.#driver;
      if (!admission.hasRoom(pending)) return this.#enterWhenRoom(pending);
      admission.enter(pending);
      return Promise.resolve(pending);
    } catch (error) {
      return this.#refuse(error);
    }
  }

  #prepare(
    records: AppendRecordInput | readonly AppendRecordInput[],
    args: SubmitArgs | undefined,
  ): PendingBatch {
    const refusal = this.#driver.refusal();
    if (refusal !== undefined) throw refusal;
    return this.#encode(records, args);
  }

  /** Apart, since closures cost every call of the function they are in: a batch that finds room needs none. */
  #enterWhenRoom(pending: PendingBatch): Promise<PendingBatch> {
    return new Promise((resolve, reject) => {
      this.#driver.admission.enterWhenRoom(pending, () => resolve(pending), reject);
    });
  }

  close(): Promise<void> {
    return this.#driver.close();
  }

  acks(): AcksStream {
    if (this.#acks === undefined) {
      this.#acks = createRecorder();
      const { lifecycle, failure } = this.#driver;
      if (lifecycle === "closed" || lifecycle === "failed") this.#acks.end(failure);
    }
    return this.#acks.stream;
  }

  lastAckedPosition(): AppendAck | undefined {
    return this.#driver.lastAck;
  }

  failureCause(): S2Error | undefined {
    return this.#driver.failure;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** A batch that comes after the session has failed: that failure is known, it must not end the process anew. */
  #refuse(error: unknown): Promise<never> {
    const refused = Promise.reject(error);
    if (this.#driver.failure !== undefined) ignoreRejection(refused);
    return refused;
  }

  /** An aborted stream errors by itself; Node 20 breaks when it is told so in the middle of it. */
  #failWritable(failure: S2Error | undefined): void {
    const controller = this.#writableController;
    if (controller === undefined || controller.signal.aborted) return;
    // A session that is closed otherwise takes no more writes: whoever waits on the stream is told so.
    if (failure !== undefined) controller.error(failure);
    else if (!this.#isClosedByWritable) controller.error(sessionClosedError("AppendSession"));
  }

  #createWritable(): WritableStream<AppendArgs> {
    return new WritableStream<AppendArgs>({
      start: (controller) => {
        this.#writableController = controller;
        // The sink's own abort() is only called once a waiting write has settled, which it would do by an ack.
        controller.signal.addEventListener("abort", () => {
          this.#driver.abort(abortedError(controller.signal.reason, "possible"));
        });
        const { failure } = this.#driver;
        if (failure !== undefined) controller.error(failure);
      },
      write: (args) => {
        const refusal = this.#driver.refusal();
        if (refusal !== undefined) throw refusal;
        checkOptionNames(args, "a batch", BATCH_FIELDS);
        const pending = this.#encode(args.records, args);
        const { admission } = this.#driver;
        if (admission.hasRoom(pending)) {
          admission.enter(pending);
          return;
        }
        return new Promise((resolve, reject) => {
          admission.enterWhenRoom(pending, resolve, reject);
        });
      },
      close: () => {
        this.#isClosedByWritable = true;
        return this.close();
      },
    });
  }
}

type Encode = typeof encode;

/** In exactly-once mode the session sets the condition itself. */
function encoderWith(chain: PositionChain): Encode {
  return (records, conditions) => {
    const list = isList(records) ? records : [records];
    const pending = encode(chain.mark(list), conditions);
    chain.check(pending.batch, conditions?.match_seq_num);
    return pending;
  };
}

function encode(
  records: AppendRecordInput | readonly AppendRecordInput[],
  conditions: AppendConditions | undefined,
): PendingBatch {
  return new PendingBatch(encodeAppendBatch(isList(records) ? records : [records], conditions));
}

function isList(
  records: AppendRecordInput | readonly AppendRecordInput[],
): records is readonly AppendRecordInput[] {
  return Array.isArray(records);
}

import { Writable } from "node:stream";
import { encodeSseEvent, encodeTerminalFrame } from "@s2-dev/streamstore-core/wire";
import type { WireControl } from "../http/exchange.js";
import type { ServiceClock } from "../service/clock.js";
import {
  type BodyForm,
  createMessageCutter,
  type Message,
  type MessageCutter,
  withAdvice,
} from "./messages.js";
import type { FaultPlan, TimedAction } from "./plan.js";

/** Messages that may wait in here before the writer has to. */
const MAX_WAITING = 64;
/** How many writes a second a throttled body is made of, at most. */
const THROTTLED_WRITES = 20;
const INTERNAL_ERROR = 2;

export interface FaultyBodyOptions {
  readonly form: BodyForm;
  readonly isRead: boolean;
  readonly plan: FaultPlan;
  readonly clock: ServiceClock;
  readonly wire: WireControl;
  /** Sends the headers, and gives the body that goes to the peer. */
  readonly open: () => Writable;
  /** The exchange is to be ended: everything has been sent. */
  readonly finish: () => void;
}

interface Waiting extends Message {
  readonly dueAt: number;
}

/** The body of an answer, as its handler writes it; passes it on with the faults of a plan. */
export class FaultyBody extends Writable {
  readonly #options: FaultyBodyOptions;
  readonly #cutter: MessageCutter;
  readonly #waiting: Waiting[] = [];
  #inner: Writable | undefined;
  /** Messages sent. */
  #sent = 0;
  /** Nothing of the handler's is sent any more. */
  #over = false;
  #accepted: (() => void) | undefined;
  #ended: (() => void) | undefined;
  #wake: (() => void) | undefined;
  readonly #timers = new Set<() => void>();

  constructor(options: FaultyBodyOptions) {
    super({ decodeStrings: true });
    this.#options = options;
    this.#cutter = createMessageCutter(options.form, options.isRead);
    this.on("error", () => undefined);
    void this.#run();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#take(this.#cutter.push(chunk));
    if (this.#waiting.length < MAX_WAITING) done();
    else this.#accepted = done;
    this.#wake?.();
  }

  override _final(done: () => void): void {
    this.#take(this.#cutter.rest());
    this.#ended = done;
    this.#wake?.();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#over = true;
    for (const cancel of this.#timers) cancel();
    this.#wake?.();
    done(error);
  }

  #take(messages: readonly Message[]): void {
    const { plan, clock } = this.#options;
    for (const message of messages) {
      if (message.isHeartbeat && plan.dropHeartbeats) continue;
      const delay = plan.delayMs + (message.isHeartbeat ? plan.heartbeatDelayMs : 0);
      this.#waiting.push({ ...message, dueAt: clock.now() + delay });
    }
  }

  async #run(): Promise<void> {
    const { plan, open, finish } = this.#options;
    await this.#sleep(plan.headersMs);
    if (this.destroyed) return;
    this.#inner = open();
    this.#inner.on("error", () => this.destroy());
    for (const action of plan.timed) this.#schedule(action);
    await this.#perform((action) => "at" in action && action.at === "headers");
    for (let message = await this.#next(); message !== undefined; message = await this.#next()) {
      await this.#perform((action) => "insteadOf" in action && action.insteadOf === this.#sent + 1, message);
      if (this.#over) break;
      const advised = plan.advisedMessages.has(this.#sent + 1) && this.#options.form === "frames";
      await this.#send(advised ? withAdvice(message.bytes) : message.bytes);
      this.#sent += 1;
      await this.#perform((action) => "after" in action && action.after === this.#sent, undefined);
    }
    if (this.#over) return;
    this.#over = true;
    this.#inner.end();
    this.#ended?.();
    finish();
  }

  /** The next message that is due; nothing at the end of the body, or of what is sent of it. */
  async #next(): Promise<Waiting | undefined> {
    while (!this.#over) {
      const message = this.#waiting.shift();
      if (message !== undefined) {
        await this.#sleep(message.dueAt - this.#options.clock.now());
        const accepted = this.#accepted;
        this.#accepted = undefined;
        accepted?.();
        return this.#over ? undefined : message;
      }
      if (this.#ended !== undefined) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return undefined;
  }

  #schedule(action: TimedAction): void {
    if (!("afterMs" in action)) return;
    void this.#sleep(action.afterMs).then(() => {
      if (!this.destroyed && !this.#over) void this.#do(action, undefined);
    });
  }

  async #perform(isNow: (action: TimedAction) => boolean, message?: Message): Promise<void> {
    for (const action of this.#options.plan.timed) {
      if (!this.#over && isNow(action)) await this.#do(action, message);
    }
  }

  async #do(action: TimedAction, message: Message | undefined): Promise<void> {
    const { wire, form } = this.#options;
    switch (action.kind) {
      case "inject":
        return this.#send(Buffer.from(action.hex, "hex"));
      case "goaway":
        return wire.announceClose();
      case "stall":
        this.#over = true;
        return;
      case "fail":
        this.#over = true;
        await this.#send(lastWords(form, action));
        return this.#end();
      case "cut": {
        if (action.part === true) {
          const next = message ?? (await this.#next());
          if (next !== undefined) await this.#send(next.bytes.subarray(0, next.bytes.length >> 1));
        }
        if (this.destroyed) return;
        this.#over = true;
        if (action.how === "end") {
          if (form === "whole") wire.endShort();
          return this.#end();
        }
        if (action.how === "goaway") return wire.goaway(action.code ?? 0);
        if (action.how === "destroy") return wire.destroy();
        return wire.reset(action.code ?? INTERNAL_ERROR);
      }
    }
  }

  /** Ends the answer although its handler has not. */
  #end(): void {
    this.#inner?.end();
    this.#options.finish();
  }

  async #send(bytes: Buffer): Promise<void> {
    const { pieceBytes, bytesPerSecond } = this.#options.plan;
    const size = Math.max(1, Math.min(pieceBytes, Math.floor(bytesPerSecond / THROTTLED_WRITES)));
    for (let at = 0; at < bytes.length && !this.destroyed; at += size) {
      const piece = bytes.subarray(at, at + size);
      await this.#write(piece);
      if (bytesPerSecond < Number.POSITIVE_INFINITY)
        await this.#sleep((piece.length / bytesPerSecond) * 1000);
      // What is written in one turn could leave as one.
      else if (size < bytes.length) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Resolves when the wire has taken the bytes, or is gone. */
  #write(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => {
      if (this.destroyed || this.#inner === undefined) return resolve();
      const forget = this.#onDestroy(resolve);
      this.#inner.write(bytes, () => {
        forget();
        resolve();
      });
    });
  }

  /** Resolves at the end of the time, or when the body is destroyed. */
  #sleep(ms: number): Promise<void> {
    if (ms <= 0 || this.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      const cancelTimer =
        ms === Number.POSITIVE_INFINITY
          ? () => undefined
          : this.#options.clock.timer(
              ms,
              () => {
                forget();
                resolve();
              },
              false,
            );
      const forget = this.#onDestroy(() => {
        cancelTimer();
        resolve();
      });
    });
  }

  #onDestroy(listener: () => void): () => void {
    this.#timers.add(listener);
    return () => void this.#timers.delete(listener);
  }
}

function lastWords(
  form: BodyForm,
  { status, code, message }: Extract<TimedAction, { kind: "fail" }>,
): Buffer {
  const body = errorBody(code, message);
  if (form === "events") return Buffer.from(encodeSseEvent({ event: "error", data: body }));
  return form === "frames" ? Buffer.from(encodeTerminalFrame(status, body)) : Buffer.alloc(0);
}

/** An error as the service spells it. */
export function errorBody(code: string, message: string | undefined): string {
  return JSON.stringify({ code, message: message ?? `${code}, by a fault rule` });
}

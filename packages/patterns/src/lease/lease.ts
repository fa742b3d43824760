import type { S2RequestOptions } from "@s2-dev/streamstore";
import {
  type AppendAck,
  AppendRecord,
  type AppendRecordInput,
  type AppendSession,
} from "@s2-dev/streamstore-core";
import { onAbort } from "@s2-dev/streamstore-core/transport";
import { type FencedStream, mismatchIn } from "./fencing-token.js";
import { LeaseLostError } from "./lease-errors.js";
import type { LeaseSettings } from "./lease-options.js";
import { formatLeaseToken, parseLeaseToken } from "./lease-token.js";

/** A lease that was acquired. */
export interface Lease extends AsyncDisposable {
  /** What to put on every append now; it changes with each renewal. */
  readonly fencingToken: string;
  /** Until when it is held unless it is renewed, in milliseconds since the epoch. */
  readonly expiresAt: number;
  /** Whether the lease is held, as far as can be known here. */
  readonly isHeld: boolean;
  /** Aborted as soon as the lease is not held any more, with a `LeaseLostError` as the reason. */
  readonly signal: AbortSignal;
  /**
   * Appends one batch under the lease; renewals wait for it, and it for them.
   * @throws LeaseLostError when the lease is not held any more.
   */
  append(
    records: AppendRecordInput | readonly AppendRecordInput[],
    args?: { readonly match_seq_num?: number | undefined },
    options?: S2RequestOptions,
  ): Promise<AppendAck>;
  /**
   * Holds the lease for a whole `ttlMillis` from now on. Not needed unless `renewEveryMillis` is 0.
   * @throws LeaseLostError when somebody else has it, or it has run out; other errors leave it held until it runs out.
   */
  renew(): Promise<void>;
  /** Gives the lease back: the stream is not fenced any more. Does nothing once it is lost; may be called again. */
  release(): Promise<void>;
  /** Releases; a failure is dropped, since the lease runs out by itself. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What an acquisition has made. */
export interface Acquired {
  readonly token: string;
  readonly expiresAt: number;
  readonly nonce: string;
}

/** How soon a renewal that failed is tried again, as a part of the usual pause. */
const RETRY_PART = 4;

export class HeldLease implements Lease {
  readonly #stream: FencedStream;
  readonly #settings: LeaseSettings;
  readonly #nonce: string;
  readonly #controller = new AbortController();
  readonly #removeListener: () => void;
  /** What renewals go through, as long as it works. */
  #session: LeaseSettings["session"];
  #token: string;
  #expiresAt: number;
  #lost: LeaseLostError | undefined;
  /** A change of the token that is under way: appends wait for it. */
  #changing: Promise<void> | undefined;
  /** Appends that carry the present token: a change waits for them. */
  readonly #appending = new Set<Promise<unknown>>();
  #cancelRenewal: () => void = noop;
  #cancelExpiry: () => void = noop;
  #released: Promise<void> | undefined;

  constructor(stream: FencedStream, settings: LeaseSettings, { token, expiresAt, nonce }: Acquired) {
    this.#stream = stream;
    this.#settings = settings;
    this.#session = settings.session;
    this.#nonce = nonce;
    this.#token = token;
    this.#expiresAt = expiresAt;
    this.#removeListener = onAbort(settings.signal, (cause) =>
      this.#lose(new LeaseLostError("released", { cause })),
    );
    this.#armExpiry();
    this.#armRenewal(settings.renewEveryMillis);
  }

  get fencingToken(): string {
    return this.#token;
  }

  get expiresAt(): number {
    return this.#expiresAt;
  }

  get isHeld(): boolean {
    this.#loseWhenExpired();
    return this.#lost === undefined;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** A change of the token that is under way, which may fail; `undefined`: the token is the last one that is known. */
  get changing(): Promise<void> | undefined {
    return this.#changing;
  }

  /** Takes note of a token of this lease that the service has named; without meaning while a change is under way. */
  learn(token: string): void {
    if (this.isOwn(token)) this.#token = token;
  }

  /** Whether a token is of this lease, at whatever time it was set. */
  isOwn(token: string): boolean {
    return parseLeaseToken(token)?.nonce === this.#nonce;
  }

  /** Sends renewals through a session again, after the one before has failed. */
  goOnThrough(session: Pick<AppendSession, "submit">): void {
    this.#session = session;
  }

  async append(
    records: AppendRecordInput | readonly AppendRecordInput[],
    args: { readonly match_seq_num?: number | undefined } = {},
    options?: S2RequestOptions,
  ): Promise<AppendAck> {
    while (this.#changing !== undefined) await this.#changing.catch(noop);
    this.#checkHeld();
    const appended = this.#stream.append(records, { ...args, fencing_token: this.#token }, options);
    this.#appending.add(appended);
    try {
      return await appended;
    } catch (error) {
      throw this.#lossIn(error) ?? error;
    } finally {
      this.#appending.delete(appended);
    }
  }

  renew(): Promise<void> {
    return this.#change(() => this.#renewOnce());
  }

  release(): Promise<void> {
    this.#released ??= this.#change(() => this.#clear());
    return this.#released;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release().catch(noop);
  }

  /** One change of the token at a time, and none while an append carries the present one. */
  async #change(change: () => Promise<void>): Promise<void> {
    while (this.#changing !== undefined) await this.#changing.catch(noop);
    const changing = Promise.allSettled([...this.#appending]).then(change);
    this.#changing = changing;
    try {
      await changing;
    } finally {
      this.#changing = undefined;
    }
  }

  async #renewOnce(): Promise<void> {
    this.#checkHeld();
    const { clock, ttlMillis, owner } = this.#settings;
    const expiresAt = clock.now() + ttlMillis;
    const token = formatLeaseToken({ expiresAt, nonce: this.#nonce, owner });
    await this.#replace(token);
    // The lease may have run out, or been given up, while the service was asked.
    this.#checkHeld();
    this.#expiresAt = expiresAt;
    this.#armExpiry();
    this.#armRenewal(this.#settings.renewEveryMillis);
  }

  async #clear(): Promise<void> {
    if (this.#lost !== undefined) return;
    this.#stopTimers();
    try {
      await this.#replace("");
    } catch (error) {
      if (error instanceof LeaseLostError) return;
      throw error;
    } finally {
      this.#lose(new LeaseLostError("released"));
    }
  }

  /** Sets another token in place of ours. An earlier attempt whose outcome was not known may have changed it already. */
  async #replace(token: string): Promise<void> {
    for (;;) {
      const wasSession = this.#session !== undefined;
      try {
        return await this.#fence(token);
      } catch (error) {
        const found = mismatchIn(error)?.expectedFencingToken;
        if (found === undefined) {
          // A session that has failed is of no more use; the stream itself may be.
          if (wasSession) continue;
          throw error;
        }
        const isOwn = found === token || this.isOwn(found);
        if (!isOwn || found === this.#token) throw this.#lossIn(error) ?? error;
        this.#token = found;
        if (found === token) return;
      }
    }
  }

  async #fence(token: string): Promise<void> {
    const expected = this.#token;
    const command = AppendRecord.fence(token);
    if (this.#session === undefined) {
      await this.#stream.append(command, { fencing_token: expected });
      this.#token = token;
      return;
    }
    const acked = this.#session.submit(command, { fencing_token: expected });
    // Its place is fixed: what is submitted from now on comes after it.
    this.#token = token;
    try {
      await acked;
    } catch (error) {
      // Whether it landed or not: the next change is told, should this one be wrong.
      this.#token = expected;
      this.#session = undefined;
      throw error;
    }
  }

  /** The end of the lease, if that is what an error says. */
  #lossIn(error: unknown): LeaseLostError | undefined {
    const found = mismatchIn(error)?.expectedFencingToken;
    if (found === undefined || this.isOwn(found)) return undefined;
    this.#lose(new LeaseLostError("taken", { fencingToken: found, cause: error }));
    return this.#lost;
  }

  #checkHeld(): void {
    this.#loseWhenExpired();
    if (this.#lost !== undefined) throw this.#lost;
  }

  /** A program that was held up may look before its timers have had their turn. */
  #loseWhenExpired(): void {
    if (this.#settings.clock.now() >= this.#expiresAt) this.#lose(new LeaseLostError("expired"));
  }

  #armExpiry(): void {
    const { clock } = this.#settings;
    this.#cancelExpiry();
    this.#cancelExpiry = clock.timer(
      Math.max(0, this.#expiresAt - clock.now()),
      () => this.#lose(new LeaseLostError("expired")),
      false,
    );
  }

  #armRenewal(pause: number): void {
    this.#cancelRenewal();
    if (this.#settings.renewEveryMillis === 0) return;
    this.#cancelRenewal = this.#settings.clock.timer(pause, () => void this.#renewByItself(), false);
  }

  async #renewByItself(): Promise<void> {
    try {
      await this.renew();
    } catch {
      // Whatever it was: until the lease runs out there is time for another try.
      if (this.isHeld) this.#armRenewal(this.#settings.renewEveryMillis / RETRY_PART);
    }
  }

  #lose(error: LeaseLostError): void {
    if (this.#lost !== undefined) return;
    this.#lost = error;
    this.#stopTimers();
    this.#removeListener();
    this.#controller.abort(error);
  }

  #stopTimers(): void {
    this.#cancelRenewal();
    this.#cancelExpiry();
  }
}

function noop(): void {}

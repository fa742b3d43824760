import type { AppendAck, AppendRecordInput, AppendSession } from "@s2-dev/streamstore-core";
import {
  abortedError,
  createDeferred,
  type Deferred,
  ignoreRejection,
} from "@s2-dev/streamstore-core/transport";
import { mismatchIn } from "../lease/fencing-token.js";
import type { HeldLease } from "../lease/lease.js";

interface Pending {
  readonly records: readonly AppendRecordInput[];
  readonly acked: Deferred<AppendAck>;
}

/** Sessions that may fail one after the other without an acknowledgement in between. */
const MAX_REOPENINGS = 5;

/**
 * Appends under a lease, in order. When the acknowledgement of a renewal was lost, the session sends batches again that
 * carry the token before it, and is refused by its own renewal: then a new session sends what was not acknowledged, with
 * the present token, and renewals go through that one, too. Readers drop what is stored twice by its number.
 */
export class LeasedAppends {
  readonly #lease: HeldLease;
  readonly #open: () => Promise<AppendSession>;
  readonly #pending: Pending[] = [];
  /** None while a new one is opened. */
  #session: AppendSession | undefined;
  #reopenings = 0;
  #isClosed = false;

  constructor(lease: HeldLease, session: AppendSession, open: () => Promise<AppendSession>) {
    this.#lease = lease;
    this.#session = session;
    this.#open = open;
  }

  append(records: readonly AppendRecordInput[]): Promise<AppendAck> {
    const pending = { records, acked: createDeferred<AppendAck>() };
    this.#pending.push(pending);
    if (this.#session !== undefined) this.#submit(this.#session, pending);
    return pending.acked.promise;
  }

  close(): void {
    this.#isClosed = true;
    if (this.#session !== undefined) ignoreRejection(this.#session.close());
  }

  #submit(session: AppendSession, pending: Pending): void {
    const token = this.#lease.fencingToken;
    session.submit(pending.records, { fencing_token: token }).then(
      (ack) => {
        this.#reopenings = 0;
        this.#remove(pending);
        pending.acked.resolve(ack);
      },
      (error: unknown) => this.#onFailure(session, pending, token, error),
    );
  }

  #onFailure(session: AppendSession, pending: Pending, token: string, error: unknown): void {
    // A session that was given up: what it had is sent by the next one.
    if (session !== this.#session && !this.#isClosed) return;
    const found = (mismatchIn(error) ?? mismatchIn(session.failureCause()))?.expectedFencingToken;
    const isOwnRenewal = found !== undefined && this.#lease.isOwn(found);
    if (!this.#isClosed && this.#reopenings < MAX_REOPENINGS && isOwnRenewal) {
      this.#session = undefined;
      void this.#reopen(token, found);
      return;
    }
    this.#remove(pending);
    pending.acked.reject(error);
  }

  /** Sends again what was refused with one token since the stream had another, as soon as it is known which it has. */
  async #reopen(refused: string, found: string): Promise<void> {
    this.#reopenings += 1;
    try {
      const session = await this.#open();
      while (this.#lease.changing !== undefined && !this.#isClosed) await this.#lease.changing.catch(noop);
      if (this.#isClosed) {
        ignoreRejection(session.close());
        throw abortedError("the answer was given up");
      }
      // No change has told meanwhile: one whose outcome was not known has been done.
      if (this.#lease.fencingToken === refused) this.#lease.learn(found);
      this.#lease.goOnThrough(session);
      this.#session = session;
      for (const pending of [...this.#pending]) this.#submit(session, pending);
    } catch (error) {
      for (const pending of this.#pending.splice(0)) pending.acked.reject(error);
    }
  }

  #remove(pending: Pending): void {
    const index = this.#pending.indexOf(pending);
    if (index >= 0) this.#pending.splice(index, 1);
  }
}

function noop(): void {}

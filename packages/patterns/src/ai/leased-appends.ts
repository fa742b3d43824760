import type { AppendAck, AppendRecordInput, AppendSession } from "@s2-dev/streamstore-core";
import { createDeferred, type Deferred, ignoreRejection } from "@s2-dev/streamstore-core/transport";
import { mismatchIn } from "../lease/fencing-token.js";
import type { Lease } from "../lease/lease.js";
import { parseLeaseToken } from "../lease/lease-token.js";

interface Pending {
  readonly records: readonly AppendRecordInput[];
  readonly acked: Deferred<AppendAck>;
}

/** Sessions that may fail one after the other without an acknowledgement in between. */
const MAX_REOPENINGS = 5;

/**
 * Appends under a lease, in order. When the acknowledgement of a renewal was lost, the session sends batches again that
 * carry the token before it, and is refused by its own renewal: then a new session sends what was not acknowledged, with
 * the present token. Readers drop what is stored twice by its number.
 */
export class LeasedAppends {
  readonly #lease: Lease;
  readonly #open: () => Promise<AppendSession>;
  readonly #pending: Pending[] = [];
  /** None while a new one is opened. */
  #session: AppendSession | undefined;
  #reopenings = 0;
  #isClosed = false;

  constructor(lease: Lease, session: AppendSession, open: () => Promise<AppendSession>) {
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
    session.submit(pending.records, { fencing_token: this.#lease.fencingToken }).then(
      (ack) => {
        this.#reopenings = 0;
        this.#remove(pending);
        pending.acked.resolve(ack);
      },
      (error: unknown) => this.#onFailure(session, pending, error),
    );
  }

  #onFailure(session: AppendSession, pending: Pending, error: unknown): void {
    // A session that was given up: what it had is sent by the next one.
    if (session !== this.#session && !this.#isClosed) return;
    if (!this.#isClosed && this.#reopenings < MAX_REOPENINGS && this.#isOwnRenewal(error, session)) {
      this.#session = undefined;
      void this.#reopen();
      return;
    }
    this.#remove(pending);
    pending.acked.reject(error);
  }

  #isOwnRenewal(error: unknown, session: AppendSession): boolean {
    const mismatch = mismatchIn(error) ?? mismatchIn(session.failureCause());
    const nonce = mismatch && parseLeaseToken(mismatch.expectedFencingToken)?.nonce;
    return nonce !== undefined && nonce === parseLeaseToken(this.#lease.fencingToken)?.nonce;
  }

  async #reopen(): Promise<void> {
    this.#reopenings += 1;
    try {
      const session = await this.#open();
      this.#session = session;
      if (this.#isClosed) return this.close();
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

import type { ReadArgs, ReadRecord, ReadSession, S2Stream } from "@s2-dev/streamstore";
import { createFollower, type Follower, type FollowerSession } from "@s2-dev/streamstore/follower";

type Format = "string" | "bytes";

/** A follower of a stream on a server at this origin. */
export function followerOf(origin: string, basin: string, stream: string): Follower {
  const retry = { requestTimeoutMillis: 60_000 };
  return createFollower({ accessToken: "ignored", endpoint: origin, basin, stream, retry });
}

/** The same handle, but for its read sessions and tail checks: those are a follower's. */
export function followedStream(stream: S2Stream, follower: Follower): S2Stream {
  const own = {
    checkTail: follower.checkTail,
    readSession: async <F extends Format>(args?: ReadArgs<F>, options?: { signal?: AbortSignal }) =>
      new FollowedSession(await follower.readSession<F>(args, options)),
    close: async () => {
      await follower.close();
      await stream.close();
    },
  };
  return new Proxy(stream, {
    get(target, name) {
      if (Object.hasOwn(own, name)) return own[name as keyof typeof own];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** A follower's session as the `ReadableStream` that behaviours may expect. */
class FollowedSession<F extends Format> extends ReadableStream<ReadRecord<F>> implements ReadSession<F> {
  readonly #session: FollowerSession<F>;

  constructor(session: FollowerSession<F>) {
    let records: AsyncIterator<ReadRecord<F>, undefined> | undefined;
    super(
      {
        async pull(controller) {
          records ??= session[Symbol.asyncIterator]();
          const { done, value } = await records.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        },
        cancel: (reason) => session.cancel(reason),
      },
      { highWaterMark: 0 },
    );
    this.#session = session;
  }

  override [Symbol.asyncIterator](): ReturnType<ReadSession<F>[typeof Symbol.asyncIterator]> {
    return this.#session[Symbol.asyncIterator]();
  }

  batches(...args: Parameters<ReadSession<F>["batches"]>): ReturnType<ReadSession<F>["batches"]> {
    return this.#session.batches(...args);
  }

  nextReadPosition(): ReturnType<ReadSession<F>["nextReadPosition"]> {
    return this.#session.nextReadPosition();
  }

  lastObservedTail(): ReturnType<ReadSession<F>["lastObservedTail"]> {
    return this.#session.lastObservedTail();
  }

  isCaughtUp(): boolean {
    return this.#session.isCaughtUp();
  }

  caughtUp(): ReturnType<ReadSession<F>["caughtUp"]> {
    return this.#session.caughtUp();
  }

  override async cancel(reason?: unknown): Promise<void> {
    await this.#session.cancel(reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}

import {
  errorFromText,
  type RetryBudget,
  type RetrySettings,
  refusesToken,
  S2Error,
  s2ErrorFromUnknown,
} from "@s2-dev/streamstore-core/client";
import type { WireRequest } from "@s2-dev/streamstore-core/transport";
import {
  errorFromRuntime,
  type FetchLike,
  redactError,
  redactText,
  redirected,
} from "@s2-dev/streamstore-transport-fetch/parts";

/** Of an answer that is read whole no more is kept than this: what the service says is far shorter. */
const MAX_TEXT_LENGTH = 64 * 1024;

/** What the operations of a follower need of the world around them. */
export interface FollowerContext {
  readonly retry: RetrySettings;
  /** Never throws. */
  readonly fetch: FetchLike;
  /** What each request carries beside its own. */
  readonly init: RequestInit;
  readonly headers: Readonly<Record<string, string>>;
  /** The value of the `authorization` header for the next attempt. */
  readonly authorization: () => Promise<string>;
  /** Whether that gives another one when it is asked again. */
  readonly renewsToken: boolean;
}

/**
 * The attempts of one operation: each a request, or a wait before the next. One thing is awaited at a time; what ends
 * the operation ends the waiting.
 */
export class Attempts {
  readonly #context: FollowerContext;
  readonly #budget: RetryBudget;
  #controller = new AbortController();
  #stopped: S2Error | undefined;
  #interrupt: (error: S2Error) => void = () => {};
  #authorization = "";
  #isTokenRenewed = false;

  constructor(context: FollowerContext, budget: RetryBudget) {
    this.#context = context;
    this.#budget = budget;
  }

  /** One attempt: what `use` makes of an answer of status 200, within the deadline of an attempt. */
  make<T>(
    request: WireRequest,
    headers: Readonly<Record<string, string>>,
    use: (response: Response, signal: AbortSignal) => T | Promise<T>,
  ): Promise<T> {
    if (this.#stopped !== undefined) throw this.#stopped;
    const { requestTimeoutMillis } = this.#context.retry;
    this.#budget.attemptStarted();
    this.#controller = new AbortController();
    return this.wait(
      requestTimeoutMillis,
      this.#send(request, headers, use),
      "REQUEST_TIMEOUT",
      "No complete answer",
    );
  }

  /**
   * Waits, for so many milliseconds at most. Where there is a code and a phrase for it that nothing has come by then, that
   * is an error.
   */
  wait<T>(ms: number, promise?: Promise<T>, code?: string, what = ""): Promise<T> {
    return new Promise((resolve, reject) => {
      const judge = (): void => {
        if (code === undefined) return resolve(undefined as T);
        reject(new S2Error({ code, message: `${what} within ${ms} ms` }));
      };
      // A blocked event loop fires late: one turn of I/O lets what is already here win.
      let timer = setTimeout(() => {
        timer = setTimeout(judge);
      }, ms);
      const settle =
        <A>(how: (value: A) => void) =>
        (value: A): void => {
          clearTimeout(timer);
          how(value);
        };
      this.#interrupt = settle(reject);
      promise?.then(settle(resolve), settle(reject));
    });
  }

  /** Something valid has arrived: what failed before no longer counts. */
  progress(): void {
    this.#budget.progress();
    this.#isTokenRenewed = false;
  }

  /** Waits until the next attempt is due. Throws the error when there is none. */
  async recover(thrown: unknown): Promise<void> {
    this.leave();
    const error = redactError(s2ErrorFromUnknown(thrown), { attempt: 0, authorization: this.#authorization });
    let delay: number | undefined = 0;
    if (!this.#isTokenRenewed && this.#context.renewsToken && refusesToken(error.code, error.status))
      this.#isTokenRenewed = true;
    else delay = this.#budget.delayAfter(error, true);
    if (delay === undefined) throw this.final(error);
    await this.wait(delay);
  }

  /** The error as it is told: it was made for this operation, and a reader changes nothing. */
  final(error: S2Error): S2Error {
    return Object.assign(error, { attempts: this.#budget.attempts, sideEffect: "none" });
  }

  /** Gives up the current attempt. */
  leave(): void {
    this.#controller.abort();
  }

  /** Gives up the current attempt, and makes no other; whoever waits is told. */
  stop(error: S2Error): void {
    this.#stopped = error;
    this.leave();
    this.#interrupt(error);
  }

  async #send<T>(
    request: WireRequest,
    headers: Readonly<Record<string, string>>,
    use: (response: Response, signal: AbortSignal) => T | Promise<T>,
  ): Promise<T> {
    const context = this.#context;
    const { signal } = this.#controller;
    const authorization = await context
      .authorization()
      .catch(failing((thrown) => s2ErrorFromUnknown(thrown, "The access token could not be had")));
    signal.throwIfAborted();
    this.#authorization = authorization;
    const init: RequestInit = {
      ...context.init,
      method: request.method,
      headers: { ...context.headers, ...request.headers, ...headers, authorization },
      redirect: "manual",
      signal,
    };
    const response = await context.fetch(request.url, init).catch(failing(errorFromRuntime));
    if (signal.aborted) cancelBody(response.body);
    signal.throwIfAborted();
    if (response.type === "opaqueredirect") throw redirected();
    if (response.status === 200) return use(response, signal);
    const text = redactText(await textOf(response, signal), { attempt: 0, authorization });
    throw errorFromText(response.status, text, Object.fromEntries(response.headers));
  }
}

/**
 * The text of an answer, if it is no longer than it should be; else its beginning. What was refused is refused, even when
 * the explanation was cut.
 */
export async function textOf(response: Response, signal: AbortSignal): Promise<string> {
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  let text = "";
  signal.addEventListener("abort", () => cancelBody(reader));
  try {
    while (reader !== undefined && text.length < MAX_TEXT_LENGTH) {
      const { done, value } = await reader.read();
      if (done) return text;
      text += decoder.decode(value, { stream: true });
    }
  } catch (thrown) {
    if (response.status === 200) throw errorFromRuntime(thrown);
  }
  cancelBody(reader);
  return text;
}

/** What a promise rejects with, as an error of this SDK. */
export function failing(errorFrom: (thrown: unknown) => S2Error): (thrown: unknown) => never {
  return (thrown) => {
    throw errorFrom(thrown);
  };
}

/** Whatever a `fetch` does about its signal. */
export function cancelBody(body: { cancel(): Promise<void> } | null | undefined): void {
  body?.cancel().catch(() => {});
}

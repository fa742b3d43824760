import { topic } from "@s2-dev/conformance/behaviour.js";
import { errorOf } from "@s2-dev/conformance/expecting.js";
import { expect } from "vitest";

/** What an abort does, however this runtime reports the abort of a `fetch` or of a stream. */
export const aborting = topic("aborting", ({ sdk }) => {
  sdk("rejects a call that waits with the reason of its signal", ["sdk.abort"], async (ctx) => {
    const stream = await ctx.stream();
    const controller = new AbortController();
    const reason = new Error("enough");
    const waiting = errorOf(stream.read({ seq_num: 0, wait: 60 }, { signal: controller.signal }));
    await stream.checkTail();
    controller.abort(reason);
    expect(await waiting).toMatchObject({ code: "ABORTED", cause: reason });
  });

  sdk("ends a session that waits, with the reason of its signal", ["sdk.abort"], async (ctx) => {
    const stream = await ctx.stream();
    const controller = new AbortController();
    const reason = new Error("enough");
    const session = await stream.readSession({ seq_num: 0 }, { signal: controller.signal });
    const waiting = errorOf(session[Symbol.asyncIterator]().next());
    controller.abort(reason);
    expect(await waiting).toMatchObject({ code: "ABORTED", cause: reason });
    await stream.append({ body: "the stream goes on" });
  });

  sdk("takes the time-out of a signal for the reason", ["sdk.abort"], async (ctx) => {
    const stream = await ctx.stream();
    const error = await errorOf(stream.read({ seq_num: 0, wait: 60 }, { signal: AbortSignal.timeout(50) }));
    expect(error.cause).toMatchObject({ name: "TimeoutError" });
  });
});

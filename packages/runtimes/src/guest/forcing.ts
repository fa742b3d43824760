import { topic } from "@s2-dev/conformance/behaviour.js";
import { errorThrownBy } from "@s2-dev/conformance/expecting.js";
import { S2 } from "@s2-dev/streamstore";
import { expect } from "vitest";

/** What a runtime without `node:http2` says to those who ask for it. */
export const forcing = topic("forcing", ({ sdk }) => {
  sdk("refuses to force s2s where it cannot be, and names what can", [], async (ctx) => {
    const basin = await ctx.basin();
    const error = errorThrownBy(() => basin.stream("events", { forceTransport: "s2s" }));
    expect(error).toMatchObject({ code: "UNSUPPORTED", sideEffect: "none" });
    expect(error.message).toMatch(/s2s.*node:http2.*fetch/);
  });

  sdk("refuses options of connections, which a program cannot make here", [], async () => {
    const error = errorThrownBy(() => new S2({ accessToken: "token", connect: {} }));
    expect(error).toMatchObject({ code: "UNSUPPORTED", sideEffect: "none" });
    expect(error.message).toMatch(/"connect"/);
  });
});

import { isS2Error, S2, type S2Error } from "@s2-dev/streamstore";
import { startLocal } from "@s2-dev/streamstore-local";

/** The SDK has retried what it may. This is what is left to a program. */
function whatToDo(error: S2Error): string {
  if (error.code === "ABORTED") return "nothing: we gave up ourselves";
  if (error.sideEffect === "possible") return "look at the stream before writing again";
  if (error.retryable) return "try again later, nothing was written";
  return "correct the call, nothing was written";
}

const local = await startLocal({
  init: { basins: [{ name: "weak-basin", streams: [{ name: "s" }] }] },
});
const s2 = new S2({ ...local.clientOptions, retry: { maxAttempts: 1 } });
const stream = s2.basin("weak-basin").stream("s");

const append = async (): Promise<void> => {
  const error = await stream.append({ body: "x" }).catch((thrown: unknown) => thrown);
  if (isS2Error(error)) console.log(error.code, error.attempts, whatToDo(error));
};
local.faults.add({ on: { times: 1 }, do: { kind: "answer", status: 429, code: "rate_limited" } });
await append();
local.faults.add({ on: { times: 1 }, do: { kind: "answer", status: 500, code: "storage" } });
await append();
local.faults.add({ on: { times: 1 }, do: { kind: "answer", status: 403, code: "permission_denied" } });
await append();

await s2.close();
await local.close();

import { type AppendSessionOptions, isS2Error, S2 } from "@s2-dev/streamstore";
import { startLocal } from "@s2-dev/streamstore-local";

const local = await startLocal({
  init: {
    basins: [
      { name: "lossy-basin", streams: ["all", "noSideEffects", "exactlyOnce"].map((name) => ({ name })) },
    ],
  },
});
const s2 = new S2(local.clientOptions);

const ways: Readonly<Record<string, AppendSessionOptions>> = {
  all: {},
  noSideEffects: { retry: { appendRetryPolicy: "noSideEffects" } },
  exactlyOnce: { exactlyOnce: true },
};

for (const [name, options] of Object.entries(ways)) {
  // The worst moment: the batch is stored, and the connection breaks instead of the acknowledgement.
  local.faults.add({
    on: { operation: "append", stream: name, times: 1 },
    do: { kind: "cut", how: "destroy", insteadOf: 1 },
  });
  const stream = s2.basin("lossy-basin").stream(name);
  const session = await stream.appendSession(options);
  const outcome = await session.submit({ body: "once, please" }).then(
    () => "acknowledged",
    (error) => (isS2Error(error) ? `rejected, side effect ${error.sideEffect}` : "unknown"),
  );
  await session.close().catch(() => {});
  const { tail } = await stream.checkTail();
  console.log(`${name}: ${outcome}, stored ${tail.seq_num} times`);
}

await s2.close();
await local.close();

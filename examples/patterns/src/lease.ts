import { S2 } from "@s2-dev/streamstore";
import { acquireLease, LeaseHeldError } from "@s2-dev/streamstore-patterns/lease";

const stream = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("jobs");

const lease = await acquireLease(stream, { owner: "worker-1", ttlMillis: 15_000 });
// Aborted as soon as the lease is lost: whatever works under it can stop.
lease.signal.addEventListener("abort", () => console.log(lease.signal.reason.message));

await lease.append({ body: "only worker-1 writes this" });

try {
  await acquireLease(stream, { owner: "worker-2" }); // `wait: true` would wait for it
} catch (error) {
  if (!(error instanceof LeaseHeldError)) throw error;
  console.log("held by", error.holder?.owner);
}

// `await using` does the same at the end of its block. A worker that dies is succeeded once its lease has run out.
await lease.release();

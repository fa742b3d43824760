import { S2, SeqNumMismatchError } from "@s2-dev/streamstore";

const s2 = new S2({
  retry: {
    maxAttempts: 5,
    minBaseDelayMillis: 100,
    appendRetryPolicy: "noSideEffects",
  },
  requestTimeoutMillis: 5000,
});
const stream = s2.basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("greetings");

try {
  const { tail } = await stream.checkTail();
  await stream.append({ body: "only if nobody else was faster" }, { match_seq_num: tail.seq_num });
  await stream.append({ body: "too late" }, { match_seq_num: tail.seq_num });
} catch (error) {
  if (!(error instanceof SeqNumMismatchError)) throw error;
  console.log("somebody was faster; the next position is", error.expectedSeqNum);
}

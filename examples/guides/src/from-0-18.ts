import { AppendRecord, BatchTransform, S2, SeqNumMismatchError } from "@s2-dev/streamstore";

// As it was written for 0.18 to 0.20, unchanged.
const s2 = new S2({
  accessToken: process.env.S2_ACCESS_TOKEN,
  retry: { maxAttempts: 3, retryBackoffDurationMillis: 100 },
});
const stream = s2.basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("from-0-18");

await stream.append([AppendRecord.make("hello", { kind: "greeting" })], { match_seq_num: 0 });
await stream.append([AppendRecord.make("late")], { match_seq_num: 0 }).catch((error) => {
  if (!(error instanceof SeqNumMismatchError)) throw error;
  console.log("expected", error.expectedSeqNum);
});

const session = await stream.appendSession();
const source = new ReadableStream<AppendRecord>({
  start(controller) {
    for (const body of ["a", "b", "c"]) controller.enqueue(AppendRecord.make(body));
    controller.close();
  },
});
await source.pipeThrough(new BatchTransform({ lingerDurationMillis: 5 })).pipeTo(session.writable);
console.log("acked up to", session.lastAckedPosition()?.end.seq_num);

for await (const record of await stream.readSession({ tail_offset: 10, clamp: true, wait: 0 })) {
  console.log(record.seq_num, record.body);
}

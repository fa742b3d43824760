import { type AppendRecordInput, BatchTransform, S2 } from "@s2-dev/streamstore";

const stream = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("numbers");

let next = 0;
const source = new ReadableStream<AppendRecordInput>({
  pull(controller) {
    if (next === 10_000) controller.close();
    else controller.enqueue({ body: `number ${next++}` });
  },
});

// The source is asked for more only while less than 4 MiB is unacknowledged.
const session = await stream.appendSession({ maxInflightBytes: 4 * 1024 * 1024 });
await source.pipeThrough(new BatchTransform({ lingerDurationMillis: 5 })).pipeTo(session.writable);
console.log("durable up to", session.lastAckedPosition()?.end.seq_num);

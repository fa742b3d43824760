import { AppendRecord, BatchTransform } from "@s2-dev/streamstore";
import { openStream } from "./stream.js";

const stream = openStream("pipes");

const session = await stream.appendSession();
const bytes = new ReadableStream<Uint8Array>({
  start(controller) {
    for (let index = 0; index < 100; index += 1) controller.enqueue(new Uint8Array([index]));
    controller.close();
  },
});
await bytes
  .pipeThrough(
    new TransformStream<Uint8Array, AppendRecord>({
      transform: (chunk, controller) => controller.enqueue(AppendRecord.make(chunk)),
    }),
  )
  .pipeThrough(new BatchTransform({ lingerDurationMillis: 20, match_seq_num: 0 }))
  .pipeTo(session.writable);

const read = await stream.readSession({ seq_num: 0, count: 100, as: "bytes" });
let sum = 0;
await read
  .pipeThrough(
    new TransformStream<{ body: Uint8Array }, Uint8Array>({
      transform: ({ body }, controller) => controller.enqueue(body),
    }),
  )
  .pipeTo(
    new WritableStream<Uint8Array>({
      write([first = 0]) {
        sum += first;
      },
    }),
  );
console.log("sum", sum);

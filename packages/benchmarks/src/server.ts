/**
 * The minimal server, a process of its own: takes appends and throws them away, serves reads encoded beforehand. It
 * tells its parent the port, answers `{ id, take }` messages with what it knows of a stream, and ends with the parent.
 */
import { createHandler } from "./server/handle.js";
import { listen } from "./server/listen.js";
import { createStreams } from "./server/streams.js";

const streams = createStreams();
const handle = createHandler(streams);

process.on("message", ({ id, take }: { id: number; take: string }) => {
  const { appended, served } = streams.take(take);
  process.send?.({ id, appended: appended.result(), served });
});
process.on("disconnect", () => process.exit(0));

const { port } = await listen((exchange) => {
  handle(exchange).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
process.send?.({ port });

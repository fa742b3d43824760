import { createObserver, type S2Stream } from "@s2-dev/streamstore";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { type Recording, recordEvents } from "../recording.js";
import type { SdkContext } from "../sdk-context.js";
import { observedTail } from "../stream-waits.js";
import { BUILT_IN_WIRES } from "../targets.js";
import { eventually, settled } from "../waiting.js";
import { streamOver } from "../wires.js";

interface Watched {
  readonly recording: Recording;
  readonly stream: S2Stream;
  close(): Promise<void>;
}

/** A handle of a fresh stream, of a client of its own that is observed. */
async function watch(ctx: SdkContext): Promise<Watched> {
  const recording = recordEvents();
  const basin = await ctx.basin();
  const { name } = await ctx.streamIn(basin);
  const client = ctx.connect({ observer: createObserver(recording.hooks) });
  const stream = streamOver(ctx.pair.wire, client.basin(basin.name), name);
  return { recording, stream, close: () => client.close() };
}

const positive = expect.toSatisfy((value: number) => value > 0);

export const observing = topic("observing", ({ sdk }) => {
  sdk("an observer is told of calls, and of how they fail", ["sdk.events"], async (ctx) => {
    const { recording, stream } = await watch(ctx);
    await stream.append([{ body: "one" }, { body: "two" }]);
    await stream.read({ seq_num: 0 });
    await expect(stream.append({ body: "three" }, { match_seq_num: 0 })).rejects.toMatchObject({
      code: "APPEND_CONDITION_FAILED",
    });
    const call = ["callStarted", "attemptStarted", "attemptEnded", "callFinished"];
    expect(recording.names()).toEqual([...call, ...call, ...call]);
    const place = { stream: stream.name, transport: ctx.pair.wire, origin: ctx.origin, kind: "call" };
    expect(recording.all("callFinished")).toMatchObject([
      {
        activity: { operation: "append", id: 1, ...place },
        records: 2,
        attempts: 1,
        requestBytes: positive,
        responseBytes: positive,
        durationMillis: positive,
        error: undefined,
      },
      { activity: { operation: "read", id: 2, ...place }, records: 2, requestBytes: 0 },
      {
        activity: { operation: "append", id: 3 },
        records: undefined,
        error: { code: "APPEND_CONDITION_FAILED" },
      },
    ]);
    expect(recording.all("attemptEnded").map(({ status }) => status)).toEqual([200, 200, 412]);
  });

  sdk("an observer is told of an append session, batch by batch", ["sdk.events"], async (ctx) => {
    const { recording, stream } = await watch(ctx);
    const session = await stream.appendSession();
    for (const body of ["a", "bc"]) await session.submit([{ body }, { body }]);
    await session.close();
    expect(recording.names()).toEqual([
      "sessionStarted",
      "attemptStarted",
      "sessionOpened",
      "batchSent",
      "batchAcked",
      "batchSent",
      "batchAcked",
      "attemptEnded",
      "sessionEnded",
    ]);
    expect(recording.all("batchAcked")).toMatchObject([
      { attempt: 1, records: 2, bytes: 18, seq_num: 0, latencyMillis: positive },
      { attempt: 1, records: 2, bytes: 20, seq_num: 2, latencyMillis: positive },
    ]);
    expect(recording.all("sessionEnded")).toMatchObject([
      { totals: { batches: 2, records: 4, bytes: 38 }, error: undefined },
    ]);
  });

  sdk("an observer is told of a read session, its heartbeats included", ["sdk.events"], async (ctx) => {
    const { recording, stream } = await watch(ctx);
    await stream.append([{ body: "a" }, { body: "b" }]);
    const session = await stream.readSession({ seq_num: 0, wait: 0 });
    for await (const _ of session.batches());
    const tail = await stream.readSession({ tail_offset: 0 });
    const next = tail[Symbol.asyncIterator]().next();
    await observedTail(tail, 2);
    await stream.append({ body: "c" });
    await settled("the record", next);
    await tail.cancel();
    const [bounded, live] = recording.all("sessionStarted").map(({ activity }) => activity);
    const of = (wanted: unknown) =>
      recording.events
        .filter((event) => "activity" in event && event.activity === wanted)
        .map(({ name }) => name)
        .filter((name) => name !== "heartbeat");
    const whole = ["sessionStarted", "attemptStarted", "sessionOpened", "batchReceived", "attemptEnded"];
    expect(of(bounded)).toEqual([...whole, "sessionEnded"]);
    expect(of(live)).toEqual([...whole, "sessionEnded"]);
    const received = recording.all("batchReceived");
    expect(received).toMatchObject([
      { records: 2, bytes: 18, seq_num: 0 },
      { records: 1, bytes: 9, seq_num: 2 },
    ]);
    expect(recording.all("heartbeat").filter(({ activity }) => activity === live)[0]).toMatchObject({
      attempt: 1,
      tail: { seq_num: 2 },
    });
  });

  sdk(
    "an observer is told of connections, up to the last",
    ["sdk.events"],
    async (ctx) => {
      const { recording, stream, close } = await watch(ctx);
      await stream.checkTail();
      await close();
      await eventually("the connection's end", async () => recording.all("connectionClosed")[0]);
      const opened = recording.all("connectionOpened");
      const connection = { id: 1, transport: ctx.pair.wire, origin: ctx.origin };
      expect(opened).toMatchObject([{ connection, latencyMillis: positive }]);
      expect(recording.all("connectionClosed")).toMatchObject([{ connection, durationMillis: positive }]);
    },
    { wires: BUILT_IN_WIRES },
  );
});

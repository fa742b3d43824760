import type { EncodedBatch } from "@s2-dev/streamstore-core/transport";
import { encodeAppendAckFrame, encodeAppendBatch } from "@s2-dev/streamstore-core/wire";
import { describe, expect, it } from "vitest";
import { type HeldSocket, heldConnection } from "../test/held-socket.js";
import { startHttpServer } from "../test/http-server.js";
import { ATTEMPT, ackBody, appendRequest, disposable, REASON, recordEvents } from "../test/support.js";
import { pipelinedAppends } from "./framed.js";
import { createFetchTransport as createDefaultTransport } from "./index.js";
import { createFetchTransport } from "./index.node.js";
import type { FetchTransportOptions } from "./settings.js";

const BYTES = 200_000;
const URL = "http://127.0.0.1:9";

/** A batch in shared memory, as a session gives it to a link, and how often the link has let go of it. */
function heldBatch(value: number): { batch: EncodedBatch; released(): number; settle(): void } {
  const encoded = encodeAppendBatch([{ body: new Uint8Array(BYTES).fill(value) }]);
  const { place } = encoded;
  if (place === undefined) throw new Error("a batch of the encoder has a place");
  place.hold();
  let released = 0;
  const { memory, start, end } = place;
  const watched = {
    ...{ memory, start, end },
    hold: () => place.hold(),
    release() {
      released += 1;
      place.release();
    },
  };
  const { frame, recordCount, meteredBytes, conditional } = encoded;
  const batch = { frame, recordCount, meteredBytes, conditional, place: watched };
  return { batch, released: () => released, settle: () => place.release() };
}

/** Encodes over all memory that nobody holds. */
function encodeOverFreeMemory(): void {
  for (let count = 0; count < 40; count += 1) encodeAppendBatch([{ body: new Uint8Array(BYTES).fill(0xee) }]);
}

function openLink(options: FetchTransportOptions, create = createFetchTransport, url = URL) {
  const transport = disposable(create(options));
  const recorder = recordEvents();
  return { transport, recorder, link: transport.openAppend(appendRequest(url), recorder.events, ATTEMPT) };
}

const acknowledged = (): (string | Uint8Array)[] => {
  const ack = ackBody(0);
  return [`HTTP/1.1 200 OK\r\ncontent-length: ${ack.length}\r\n\r\n`, ack];
};

function ackFrame(start: number): Uint8Array {
  const end = { seq_num: start + 1, timestamp: 1 };
  return encodeAppendAckFrame({ start: { seq_num: start, timestamp: 1 }, end, tail: end });
}

const chunkOf = (bytes: Uint8Array): (string | Uint8Array)[] => [
  `${bytes.length.toString(16)}\r\n`,
  bytes,
  "\r\n",
];

function answerSession(socket: HeldSocket): void {
  socket.answer("HTTP/1.1 200 OK\r\ncontent-type: s2s/proto\r\ntransfer-encoding: chunked\r\n\r\n");
}

const endOfTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A pipelined link whose first batch is being written, to a server that has begun to answer. */
async function openBeingWritten() {
  const { agent, socket } = heldConnection();
  const { transport, recorder, link } = openLink({ agent, appends: pipelinedAppends() });
  await recorder.opened;
  const { batch, ...first } = heldBatch(1);
  link.send(batch);
  const wire = await socket;
  await wire.has(4);
  wire.accept();
  wire.holdAgain();
  answerSession(wire);
  await wire.has(BYTES);
  return { recorder, link, wire, ...first, [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose]() };
}

describe("the memory of a batch that is posted", () => {
  it("is let go of by an ack once the request has been written", async () => {
    const { agent, socket } = heldConnection();
    const { transport, recorder, link } = openLink({ agent });
    await using _ = transport;
    await recorder.opened;
    const { batch, released } = heldBatch(1);
    link.send(batch);
    const wire = await socket;
    await wire.has(BYTES);
    wire.accept();
    expect(released()).toBe(0);
    wire.answer(...acknowledged());
    await recorder.saw("acks 1");
    expect(released()).toBe(1);
  });

  it("stays as it is while it is being sent, though the server answers before it has read it", async () => {
    const { agent, socket } = heldConnection();
    const { transport, recorder, link } = openLink({ agent });
    await using _ = transport;
    await recorder.opened;
    const { batch, settle } = heldBatch(1);
    link.send(batch);
    const wire = await socket;
    await wire.has(BYTES);
    const sent = wire.written();
    wire.answer(...acknowledged());
    await recorder.saw("acks 1");
    settle();
    encodeOverFreeMemory();
    expect(wire.written().equals(sent)).toBe(true);
  });

  it("is not used again where a fetch sends it, which does not tell when it has read it", async () => {
    await using server = await startHttpServer(({ response }) => void response.end(ackBody(0)));
    const { transport, recorder, link } = openLink({}, createDefaultTransport, server.url);
    await using _ = transport;
    await recorder.opened;
    const { batch, released } = heldBatch(1);
    link.send(batch);
    await recorder.saw("acks 1");
    expect(released()).toBe(0);
  });
});

describe("the memory of batches on one streamed request", () => {
  it("is let go of, batch by batch, by an ack behind the writing or the writing behind an ack", async () => {
    const { agent, socket } = heldConnection();
    const { transport, recorder, link } = openLink({ agent, appends: pipelinedAppends() });
    await using _ = transport;
    await recorder.opened;
    const [first, second] = [heldBatch(1), heldBatch(2)];
    link.send(first.batch);
    const wire = await socket;
    await wire.has(4);
    answerSession(wire);
    wire.accept();
    await wire.has(BYTES);
    await endOfTurn();
    expect(first.released()).toBe(0);
    wire.answer(...chunkOf(ackFrame(0)));
    await recorder.saw("acks 1");
    expect(first.released()).toBe(1);
    wire.holdAgain();
    link.send(second.batch);
    await wire.has(2 * BYTES);
    wire.answer(...chunkOf(ackFrame(1)));
    await recorder.saw("acks 2");
    expect(second.released()).toBe(0);
    wire.accept();
    expect(second.released()).toBe(1);
    link.abort(REASON);
  });

  it("stays as it is while it is being sent, though the server answers before it has read it", async () => {
    await using held = await openBeingWritten();
    const { recorder, link, wire, settle } = held;
    const sent = wire.written();
    wire.answer(...chunkOf(ackFrame(0)));
    await recorder.saw("acks 1");
    settle();
    encodeOverFreeMemory();
    expect(wire.written().equals(sent)).toBe(true);
    link.abort(REASON);
  });

  it("is used again where a fetch sends a copy of it", async () => {
    let sent: ReadableStream<Uint8Array> | undefined;
    const { transport, recorder, link } = openLink(
      {
        appends: pipelinedAppends(),
        async fetch(_url, init) {
          sent = init.body as ReadableStream<Uint8Array>;
          const acks = new ReadableStream({ start: (controller) => controller.enqueue(ackFrame(0)) });
          return new Response(acks, { headers: { "content-type": "s2s/proto" } });
        },
      },
      createDefaultTransport,
    );
    await using _ = transport;
    await recorder.opened;
    const { batch, released } = heldBatch(1);
    link.send(batch);
    await recorder.saw("acks 1");
    expect(released()).toBe(0);
    const chunk = (await sent?.getReader().read())?.value;
    expect(released()).toBe(1);
    expect(chunk?.byteLength).toBe(batch.frame.byteLength);
    expect(chunk?.buffer).not.toBe(batch.frame.buffer);
    link.abort(REASON);
  });

  it("is kept when the link is given up in the middle of writing", async () => {
    await using held = await openBeingWritten();
    const { recorder, link, wire, released } = held;
    wire.answer(...chunkOf(ackFrame(0)));
    await recorder.saw("acks 1");
    link.abort(REASON);
    wire.accept();
    await endOfTurn();
    expect(released()).toBe(0);
  });
});

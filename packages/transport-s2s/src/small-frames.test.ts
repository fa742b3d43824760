import { describe, expect, it } from "vitest";
import { batch, createFakeSink, endOfTurn, type FakeSink, frameOf } from "../test/fake-sink.js";
import { startRawServer } from "../test/raw-server.js";
import {
  ATTEMPT,
  ackFrame,
  appendRequest,
  batchOf,
  disposable,
  REASON,
  recordEvents,
} from "../test/support.js";
import { createOutgoing, type Outgoing } from "./outgoing.js";
import { createS2sTransport } from "./transport.js";

/** What a connection may have under way of frames below 256 bytes. */
const MOST = 2000;

interface Link {
  readonly sink: FakeSink;
  readonly outgoing: Outgoing;
}

function openLink(connection: object | undefined): Link {
  const sink = createFakeSink(connection);
  const events = { taken() {}, writable() {}, failed() {} };
  return { sink, outgoing: createOutgoing(sink, undefined, events) };
}

/** Sends frames of so many bytes, each in a turn of its own, which the wire takes at once. */
async function sendApart({ sink, outgoing }: Link, frames: number, bytes = 10): Promise<void> {
  for (let sent = 0; sent < frames; sent += 1) {
    outgoing.send(batch(frameOf(bytes)));
    await endOfTurn();
    sink.accept();
  }
}

async function fullLink(connection: object | undefined): Promise<Link> {
  const link = openLink(connection);
  await sendApart(link, MOST);
  expect(link.sink.chunks).toHaveLength(MOST);
  return link;
}

describe("small frames that the peer may not have read", () => {
  it("are no more than a peer bears: what follows is gathered until there is an answer, and leaves together", async () => {
    const link = await fullLink({});
    await sendApart(link, 3);
    expect(link.outgoing.started).toBe(MOST);
    link.outgoing.answered(1);
    await endOfTurn();
    expect(link.outgoing.started).toBe(MOST + 3);
    expect(link.sink.chunks.slice(MOST).map(({ byteLength }) => byteLength)).toEqual([30]);
    await sendApart(link, 1);
    expect(link.sink.chunks).toHaveLength(MOST + 1);
    link.outgoing.answered(MOST);
    await endOfTurn();
    expect(link.outgoing.started).toBe(MOST + 4);
  });

  it("do not hold back what is no small frame, alone or gathered", async () => {
    const link = await fullLink({});
    await sendApart(link, 1, 256);
    expect(link.outgoing.started).toBe(MOST + 1);
    await sendApart(link, 2, 127);
    expect(link.outgoing.started).toBe(MOST + 1);
    await sendApart(link, 1, 2);
    expect(link.outgoing.started).toBe(MOST + 4);
    expect(link.sink.chunks.at(-1)?.byteLength).toBe(256);
  });

  it("are counted for all links of a connection, of which each may have one, and not for those of another", async () => {
    const connection = {};
    await fullLink(connection);
    const second = openLink(connection);
    await sendApart(second, 2);
    expect(second.outgoing.started).toBe(1);
    second.outgoing.answered(1);
    await endOfTurn();
    expect(second.outgoing.started).toBe(2);
    for (const other of [openLink({}), openLink(undefined)]) {
      await sendApart(other, 2);
      expect(other.outgoing.started).toBe(2);
    }
  });

  it("count no more once their link is over", async () => {
    const connection = {};
    const first = await fullLink(connection);
    const second = openLink(connection);
    await sendApart(second, 1);
    first.outgoing.drop();
    first.outgoing.drop();
    await sendApart(second, 2);
    expect(second.outgoing.started).toBe(3);
    await sendApart(second, MOST);
    expect(second.outgoing.started).toBe(MOST);
  });

  it("hold back the end of the request with what is behind them", async () => {
    const link = await fullLink({});
    link.outgoing.send(batch(frameOf(10)));
    link.outgoing.finish();
    await endOfTurn();
    expect(link.sink.ended).toBe(false);
    link.outgoing.answered(1);
    await endOfTurn();
    expect(link.outgoing.started).toBe(MOST + 1);
    expect(link.sink.ended).toBe(true);
  });

  it("are read once a batch in them is acknowledged, on a real connection", async () => {
    const bytes = batchOf(1).frame.length;
    await using server = await startRawServer((request) => {
      request.send(request.headers(200));
      void request.bodyReaches(MOST * bytes).then(() => {
        request.send(request.data(ackFrame(0)));
        return request.bodyReaches((MOST + 2) * bytes).then(() => request.send(request.data(ackFrame(1))));
      });
    });
    await using transport = disposable(createS2sTransport());
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    await recorder.opened;
    for (let sent = 0; sent < MOST; sent += 1) {
      link.send(batchOf(1));
      await endOfTurn();
    }
    expect(link.started).toBe(MOST);
    link.send(batchOf(1));
    link.send(batchOf(1));
    await recorder.saw("acks 2");
    expect(link.started).toBe(MOST + 2);
    link.abort(REASON);
  });
});

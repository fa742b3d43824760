import type { EncodedBatch } from "@s2-dev/streamstore-core/transport";
import { encodeAppendBatch } from "@s2-dev/streamstore-core/wire";
import { describe, expect, it } from "vitest";
import { type RawRequest, startRawServer } from "../test/raw-server.js";
import { ATTEMPT, ackFrame, appendRequest, disposable, gate, REASON, recordEvents } from "../test/support.js";
import { createS2sTransport } from "./transport.js";

const BYTES = 900_000;

/** Batches in shared memory, each of its own byte, as a session gives them to a link; it lets go of them itself. */
function heldBatches(count: number): EncodedBatch[] {
  return Array.from({ length: count }, (_, index) => {
    const batch = encodeAppendBatch([{ body: new Uint8Array(BYTES).fill(index + 1) }]);
    batch.place?.hold();
    return batch;
  });
}

/** Encodes over all memory that nobody holds. */
function encodeOverFreeMemory(): void {
  for (let count = 0; count < 12; count += 1) encodeAppendBatch([{ body: new Uint8Array(BYTES).fill(0xee) }]);
}

describe("the memory of batches on an append link", () => {
  // A stalled socket is no case of its own: `node:http2` looks at nothing that has come while it is still writing.
  it("stays as it is while its window is closed, though the server acknowledges what it has not read", async () => {
    const reached = gate<RawRequest>();
    await using server = await startRawServer(
      (request) => {
        request.send(request.headers(200));
        reached.open(request);
      },
      { updateWindow: false },
    );
    await using transport = disposable(createS2sTransport());
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    await recorder.opened;
    const batches = heldBatches(10);
    const sent = Buffer.concat(batches.map(({ frame }) => frame));
    for (const batch of batches) link.send(batch);
    const request = await reached.promise;
    request.send(...batches.map((_, index) => request.data(ackFrame(index))));
    await recorder.saw("acks 10");
    expect(recorder.taken()).toBe(0);
    for (const batch of batches) batch.place?.release();
    encodeOverFreeMemory();
    request.send(request.window(sent.length));
    await request.bodyReaches(sent.length);
    expect(request.body().equals(sent)).toBe(true);
    link.abort(REASON);
  });
});

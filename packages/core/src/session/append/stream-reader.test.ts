import { describe, expect, it } from "vitest";
import { RangeNotSatisfiableError } from "../../error/s2-error.js";
import { resolveEndpoints } from "../../model/endpoints.js";
import {
  createFakeClock,
  createScriptedTransport,
  createTestContext,
  flushMicrotasks,
  observe,
} from "../../testing/index.js";
import { createStreamReader } from "./stream-reader.js";

function rig() {
  const transport = createScriptedTransport();
  const target = { endpoints: resolveEndpoints({}), headers: {}, basin: "some-basin", stream: "s" };
  return {
    transport,
    reader: createStreamReader(createTestContext({ transport, clock: createFakeClock() }), target),
  };
}

const { signal } = new AbortController();
const refusal = (code: string) => ({
  status: 404,
  body: new TextEncoder().encode(JSON.stringify({ code, message: "not found" })),
});

describe("a look at a stream that is not there", () => {
  it("finds a tail of 0, since an append may make the stream", async () => {
    const { transport, reader } = rig();
    const tail = reader.checkTail(signal);
    await flushMicrotasks();
    transport.exchanged().answer(refusal("stream_not_found"));
    expect(await tail).toEqual({ seq_num: 0, timestamp: 0 });
  });

  it("finds no records", async () => {
    const { transport, reader } = rig();
    const read = observe(reader.read(3, 1, signal));
    await flushMicrotasks();
    transport.exchanged().answer(refusal("stream_not_found"));
    await flushMicrotasks();
    expect(read.reason).toBeInstanceOf(RangeNotSatisfiableError);
    expect(read.reason).toMatchObject({ tail: { seq_num: 0 } });
  });

  it("fails when it is the basin that is missing", async () => {
    const { transport, reader } = rig();
    const looks = [observe(reader.checkTail(signal)), observe(reader.read(0, 1, signal))];
    await flushMicrotasks();
    for (const exchange of transport.exchanges) exchange.answer(refusal("basin_not_found"));
    await flushMicrotasks();
    expect(looks.map(({ reason }) => reason)).toMatchObject([
      { code: "basin_not_found" },
      { code: "basin_not_found" },
    ]);
  });
});

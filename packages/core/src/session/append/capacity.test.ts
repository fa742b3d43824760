import { describe, expect, it } from "vitest";
import { encodeAppendBatch } from "../../codec/append-input.js";
import { abortedError } from "../../error/make.js";
import {
  createFakeClock,
  createScriptedTransport,
  createTestContext,
  flushMicrotasks,
  type ScriptedAppendLink,
} from "../../testing/index.js";
import { resolveAdmissionSettings } from "./admission.js";
import { appendRequest, fault } from "./append.fixture.js";
import { AppendDriver } from "./driver.js";
import { PendingBatch } from "./pending.js";

/** A driver with batches in flight on an open link, and more waiting for room. */
function driverWith(inFlight: number, waiting: number) {
  const clock = createFakeClock();
  const transport = createScriptedTransport();
  const context = createTestContext({ clock, transport, retry: { maxAttempts: 3 } });
  const settings = resolveAdmissionSettings({ maxInflightBatches: inFlight });
  const driver = new AppendDriver(context, appendRequest, settings, { acked: () => {}, ended: () => {} });
  const batch = (): PendingBatch => new PendingBatch(encodeAppendBatch([{ body: "x".repeat(100) }]));
  for (let count = 0; count < inFlight; count += 1) driver.admission.enter(batch());
  for (let count = 0; count < waiting; count += 1)
    driver.admission.enterWhenRoom(
      batch(),
      () => {},
      () => {},
    );
  const link = transport.append();
  link.open();
  return { clock, transport, driver, link };
}

/** Everything that can settle batches, in any mixture. */
const paths: [name: string, settle: (rig: ReturnType<typeof driverWith>) => unknown][] = [
  ["acks one by one", ({ link }) => acknowledgeAll(link)],
  [
    "an ack and an abort in one turn",
    ({ link, driver }) => {
      link.acknowledge(2);
      driver.abort(abortedError("enough", "possible"));
    },
  ],
  [
    "an abort and an ack behind it",
    ({ link, driver }) => {
      driver.abort(abortedError("enough", "possible"));
      if (!link.isOver) link.acknowledge(2);
    },
  ],
  ["a failure that ends the session", ({ link }) => link.end(fault("invalid"))],
  [
    "an ack, then a failure that ends the session",
    ({ link }) => {
      link.acknowledge();
      link.end(fault("invalid"));
    },
  ],
  [
    "an ack that fits no batch",
    ({ link, transport }) => {
      link.acknowledge(2);
      transport.nextSeqNum = 0;
      link.acknowledge();
    },
  ],
  [
    "a break, a second copy and its ack",
    async ({ link, clock, transport }) => {
      link.acknowledge();
      link.end(fault("CONNECTION_LOST"));
      await clock.runNext();
      transport.append().open();
      acknowledgeAll(transport.append());
    },
  ],
  [
    "attempts that run out",
    async ({ link, clock, transport }) => {
      link.end(fault("CONNECTION_LOST"));
      for (let attempt = 0; attempt < 2; attempt += 1) {
        await clock.runNext();
        transport.append().end(fault("CONNECTION_LOST"));
      }
    },
  ],
  [
    "a late ack",
    async ({ link, clock }) => {
      for (let taken = 0; taken < 3; taken += 1) link.take();
      await clock.advance(5000);
      link.acknowledge(3);
    },
  ],
  [
    "closing, while some wait",
    async ({ link, driver }) => {
      void driver.close();
      acknowledgeAll(link);
      link.end(null);
    },
  ],
];

function acknowledgeAll(link: ScriptedAppendLink): void {
  for (let acked = 0; acked < link.sent.length; acked += 1) link.acknowledge();
}

describe("what is in flight returns to nothing, never below", () => {
  it.each(paths)("by %s [D1-13, D1-14]", async (name, settle) => {
    const rig = driverWith(3, 2);
    expect(rig.driver.admission).toMatchObject({ inflightBatches: 3, inflightBytes: expect.any(Number) });
    await settle(rig);
    await flushMicrotasks();
    // A late ack frees room for those that waited; they go on another link.
    while (rig.driver.admission.inflightBatches > 0) {
      if (!(await rig.clock.runNext())) throw new Error(`batches are left after ${name}`);
      const link = rig.transport.append();
      if (!link.isOver && link.sent.length === 0) link.open();
      if (!link.isOver) acknowledgeAll(link);
      await flushMicrotasks();
    }
    expect(rig.driver.admission).toMatchObject({ inflightBatches: 0, inflightBytes: 0, waiting: 0 });
  });
});

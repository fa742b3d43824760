import { describe, expect, test } from "vitest";
import { appendInput, BASIN, bodies, createHarness, fence, type Harness } from "../../test/harness.js";
import { createHeldStorage } from "../../test/held-storage.js";
import type { AppendSession } from "./append-session.js";
import { invalid } from "./errors.js";

interface Watched {
  readonly session: AppendSession;
  /** What the session said, in order. */
  readonly said: string[];
}

async function openSession({ service }: Harness, stream = "s"): Promise<Watched> {
  const said: string[] = [];
  const opening = await service.records.openAppend({ basin: BASIN, stream });
  const session = opening.session({
    acked: (ack) => said.push(`ack ${ack.start.seq_num}-${ack.end.seq_num}`),
    ready: () => said.push("ready"),
    ended: (error) => said.push(error === undefined ? "end" : `end ${error.code ?? error.body}`),
  });
  return { session, said };
}

/** A batch of 1 MiB. */
const LARGEST = appendInput([{ body: "x".repeat(1024 * 1024 - 8) }]);

/** A session of a service that has its wires wait when more than a batch is in flight, on storage that holds writes back. */
async function openBounded() {
  const storage = createHeldStorage();
  const harness = await createHarness({ storage, appendInflightBytes: 0 });
  return { storage, harness, ...(await openSession(harness)) };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("an append session", () => {
  test("acknowledges in order and ends cleanly once the input has", async () => {
    const { session, said } = await openSession(await createHarness());
    session.push(appendInput(bodies("a", "b")));
    session.push(appendInput(bodies("c")));
    session.finish();
    await settle();
    expect(said).toEqual(["ack 0-2", "ack 2-3", "end"]);
  });

  test("may be empty", async () => {
    const { session, said } = await openSession(await createHarness());
    session.finish();
    expect(said).toEqual(["end"]);
  });

  test("acknowledges what is durable only", async () => {
    const storage = createHeldStorage();
    const { session, said } = await openSession(await createHarness({ storage }));
    session.push(appendInput(bodies("a")));
    session.push(appendInput(bodies("b")));
    session.finish();
    await storage.release(1);
    expect(said).toEqual(["ack 0-1"]);
    await storage.release();
    expect(said).toEqual(["ack 0-1", "ack 1-2", "end"]);
  });

  test("is stopped by the first failure, after the acknowledgements before it; later inputs are not applied", async () => {
    const storage = createHeldStorage();
    const harness = await createHarness({ storage });
    const { session, said } = await openSession(harness);
    session.push(appendInput(bodies("a")));
    session.push(appendInput(bodies("b"), { match_seq_num: 7 }));
    session.push(appendInput(bodies("c")));
    await storage.release();
    expect(said).toEqual(["ack 0-1", 'end {"seq_num_mismatch":1}']);
    expect(harness.service.live.peek(BASIN, "s")?.tail.seq_num).toBe(1);
  });

  test("waits with a failure for its own acknowledgements, though its cause is durable already", async () => {
    const storage = createHeldStorage();
    const harness = await createHarness({ storage });
    const fenced = harness.append([fence("t")]);
    await storage.release();
    await fenced;
    const { session, said } = await openSession(harness);
    session.push(appendInput(bodies("a")));
    session.push(appendInput(bodies("b"), { fencing_token: "u" }));
    await settle();
    expect(said).toEqual([]);
    await storage.release();
    expect(said).toEqual(["ack 1-2", 'end {"fencing_token_mismatch":"t"}']);
  });

  test("ends with what is wrong with its input, after all acknowledgements", async () => {
    const storage = createHeldStorage();
    const { session, said } = await openSession(await createHarness({ storage }));
    session.push(appendInput(bodies("a")));
    session.fail(invalid("no good"));
    await settle();
    expect(said).toEqual([]);
    await storage.release();
    expect(said).toEqual(["ack 0-1", "end invalid"]);
  });

  test("asks its wire to wait while too much is in flight, over all streams", async () => {
    const { storage, session, said } = await openBounded();
    expect(session.push(LARGEST)).toBe(true);
    expect(session.push(LARGEST)).toBe(false);
    expect(storage.held).toBe(1);
    await storage.release();
    expect(said).toEqual(["ack 0-1", "ready"]);
    expect(storage.held).toBe(1);
    await storage.release();
    session.finish();
    expect(said).toEqual(["ack 0-1", "ready", "ack 1-2", "end"]);
  });

  test("waits with appends of next to nothing too, which hold more than their bytes", async () => {
    const { session } = await openBounded();
    let taken = 1;
    while (session.push(appendInput(bodies("")))) taken += 1;
    expect(taken).toBeGreaterThan(1000);
    expect(taken).toBeLessThan(4096);
  });

  test("takes no input while another waits", async () => {
    const { storage, session, said } = await openBounded();
    session.push(LARGEST);
    session.push(LARGEST);
    expect(() => session.push(appendInput(bodies("c")))).toThrow("still waits");
    session.finish();
    await storage.release();
    await storage.release();
    expect(said).toEqual(["ack 0-1", "ack 1-2", "end"]);
  });

  test("gives back what it holds when its client goes", async () => {
    const { storage, harness, session, said } = await openBounded();
    session.push(LARGEST);
    session.push(LARGEST);
    session.abort();
    await storage.release();
    const after = harness.append(bodies("b"));
    await storage.release(0);
    await storage.release();
    expect((await after).start.seq_num).toBe(1);
    expect(said).toEqual([]);
  });

  test("learns at its next input that the stream is gone", async () => {
    const harness = await createHarness();
    const { session, said } = await openSession(harness);
    await harness.service.streams.delete(BASIN, "s");
    expect(said).toEqual([]);
    expect(session.push(appendInput(bodies("a")))).toBe(false);
    expect(said).toEqual(["end unavailable"]);
  });
});

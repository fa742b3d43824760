import { describe, expect, test } from "vitest";
import { bodies, createHarness, fence, refusal, START, trim, wordOf } from "../../test/harness.js";
import { createHeldStorage } from "../../test/held-storage.js";
import { createMemoryStorage } from "../storage/memory-storage.js";
import { U64_MAX } from "../storage/u64.js";
import type { BasinRow, StreamRow } from "./rows.js";

describe("conditions", () => {
  test("an append without a fencing token is never checked, an empty token asserts that there is none", async () => {
    const { append } = await createHarness();
    await append([fence("t")]);
    await append(bodies("free"));
    expect(await refusal(append(bodies("x"), { fencing_token: "" }))).toBe(
      '412 {"fencing_token_mismatch":"t"}',
    );
    await append(bodies("x"), { fencing_token: "t" });
  });

  test("a batch's token is compared with the state before the batch", async () => {
    const { append } = await createHarness();
    await append([fence("new"), ...bodies("x")], { fencing_token: "" });
    expect(await refusal(append(bodies("x"), { fencing_token: "" }))).toContain("new");
  });

  test("an empty fence clears the token", async () => {
    const { append } = await createHarness();
    await append([fence("t"), fence("")]);
    await append(bodies("x"), { fencing_token: "" });
  });

  test("fencing goes before the sequence number", async () => {
    const { append } = await createHarness();
    expect(await refusal(append(bodies("x"), { fencing_token: "t", match_seq_num: 9 }))).toContain("fencing");
    expect(await refusal(append(bodies("x"), { fencing_token: "", match_seq_num: 9 }))).toBe(
      '412 {"seq_num_mismatch":0}',
    );
  });

  test("a sequence number is compared with the next one, appends in flight included", async () => {
    const storage = createHeldStorage();
    const { append } = await createHarness({ storage });
    const first = append(bodies("a", "b"), { match_seq_num: 0 });
    const second = append(bodies("c"), { match_seq_num: 2 });
    const wrong = refusal(append(bodies("d"), { match_seq_num: 2 }));
    await storage.release(0);
    expect(storage.held).toBe(2);
    await storage.release();
    expect((await first).tail.seq_num).toBe(2);
    expect((await second).start.seq_num).toBe(2);
    expect(await wrong).toBe('412 {"seq_num_mismatch":3}');
  });

  test("a mismatch is told only once the state that caused it is durable", async () => {
    const storage = createHeldStorage();
    const { append } = await createHarness({ storage });
    const first = append([fence("t")]);
    let told = "";
    const wrong = refusal(append(bodies("x"), { fencing_token: "u" })).then((body) => {
      told = body;
    });
    await storage.release(0);
    expect(told).toBe("");
    await storage.release();
    await Promise.all([first, wrong]);
    expect(told).toBe('412 {"fencing_token_mismatch":"t"}');
  });

  test("a storage that fails fails what is in flight; the stream goes on from what is durable", async () => {
    const storage = createHeldStorage();
    const { append, open } = await createHarness({ storage });
    const durable = append(bodies("a"));
    await storage.release();
    await durable;
    const reader = await open({ from: { kind: "tail_offset", value: 0 } });
    await reader.next();
    const lost = Promise.all([refusal(append(bodies("b"))), refusal(append(bodies("c")))]);
    await storage.release(0);
    await storage.fail(new Error("disk full"));
    expect(await lost).toEqual(["storage", "storage"]);
    expect(await refusal(reader.next())).toBe("unavailable");
    const next = append(bodies("d"));
    await storage.release();
    expect((await next).start.seq_num).toBe(1);
  });
});

describe("timestamps", () => {
  test("prefer the client's, lowered to the arrival and never going back", async () => {
    const { append, service } = await createHarness();
    const ack = await append([{ timestamp: 5 }, { timestamp: 3 }, { timestamp: START + 9 }]);
    expect(ack.start.timestamp).toBe(5);
    expect(ack.end).toEqual({ seq_num: 3, timestamp: START });
    expect(await service.records.checkTail({ basin: "test-basin", stream: "s" })).toEqual(ack.end);
    expect((await append([{ timestamp: 1 }])).end.timestamp).toBe(START);
  });

  test("may lie beyond the arrival when uncapped, up to 2^64-1", async () => {
    const { append } = await createHarness({ config: { uncapped: true } });
    expect((await append([{ timestamp: U64_MAX }])).end.timestamp).toBe(U64_MAX);
    expect((await append([{}])).end.timestamp).toBe(U64_MAX);
  });

  test("are required of commands too, where the stream requires them", async () => {
    const { append } = await createHarness({ config: { mode: "client-require" } });
    expect(await refusal(append([{ timestamp: 1 }, {}]))).toBe("invalid");
    expect(await refusal(append([fence("t")]))).toBe("invalid");
    expect((await append([{ ...fence("t"), timestamp: 7 }])).start).toEqual({ seq_num: 0, timestamp: 7 });
  });

  test("are the arrival's whatever the client says, where the stream says so", async () => {
    const { append, clock } = await createHarness({ config: { mode: "arrival", uncapped: true } });
    await clock.advance(12);
    expect((await append([{ timestamp: 1 }, { timestamp: START * 2 }])).end.timestamp).toBe(START + 12);
  });

  test("start at 0 for an empty stream", async () => {
    const { service } = await createHarness();
    const tail = await service.records.checkTail({ basin: "test-basin", stream: "s" });
    expect(tail).toEqual({ seq_num: 0, timestamp: 0 });
  });
});

describe("trimming", () => {
  test("drops what lies before the point, within a batch too", async () => {
    const { append, read } = await createHarness();
    await append(bodies("a", "b", "c"));
    await append([trim(1)]);
    expect(await read({ waitSecs: 0 })).toEqual([
      "1:b",
      "2:c",
      `3:${Buffer.from(trim(1).body ?? "").toString()}`,
    ]);
  });

  test("never goes back, and never beyond the command itself", async () => {
    const { append, read, service } = await createHarness();
    await append(bodies("a", "b"));
    await append([trim(1_000_000)]);
    await append([trim(0)]);
    await append(bodies("c"));
    expect(service.live.peek("test-basin", "s")?.visibleFrom).toBe(3);
    expect((await read({ waitSecs: 0 })).map((text) => text[0])).toEqual(["3", "4"]);
  });

  test("leaves the sequence numbers alone", async () => {
    const { append } = await createHarness();
    await append(bodies("a"));
    await append([trim(2)]);
    expect((await append(bodies("b"))).start.seq_num).toBe(2);
  });
});

test("a trim whose records cannot be removed yet is in force, and the stream goes on", async () => {
  const memory = createMemoryStorage<BasinRow, StreamRow>();
  const storage: typeof memory = {
    ...memory,
    async openLog(id) {
      const log = await memory.openLog(id);
      log.trim = () => Promise.reject(new Error("no space left on device"));
      return log;
    },
  };
  const { append, open, read } = await createHarness({ storage });
  await append(bodies("a", "b"));
  const session = await open({ from: { kind: "tail_offset", value: 0 } });
  expect(wordOf(await session.next())).toBe("heartbeat tail=2");
  await append([trim(1)]);
  expect((await append(bodies("c"))).start.seq_num).toBe(3);
  expect(wordOf(await session.next())).toContain("tail=3");
  expect(wordOf(await session.next())).toBe("3:c tail=4");
  session.close();
  expect((await read({ waitSecs: 0 }))[0]).toBe("1:b");
});

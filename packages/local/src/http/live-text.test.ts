import { readBatchToJson } from "@s2-dev/streamstore-core/wire";
import { expect, test, vi } from "vitest";
import { bodies, createHarness } from "../../test/harness.js";
import type { ReadRecords, ReadSession } from "../service/read-session.js";
import { createBatchText } from "./live-text.js";

const TAIL = { kind: "tail_offset", value: 0 } as const;

async function records(session: ReadSession): Promise<ReadRecords> {
  const output = await session.next();
  if (output?.kind !== "records") throw new Error("expected records");
  return output;
}

test("a live batch is spelled once for all its followers, and once more in another format", async () => {
  const { open, append } = await createHarness();
  const sessions = await Promise.all([open({ from: TAIL }), open({ from: TAIL }), open({ from: TAIL })]);
  for (const session of sessions) await session.next();
  await append(bodies("a"));
  const [one, two, three] = await Promise.all(sessions.map(records));
  const spell = vi.fn(readBatchToJson);
  const textOf = createBatchText(spell);
  expect(textOf(one as ReadRecords, "raw")).toBe(textOf(two as ReadRecords, "raw"));
  expect(spell).toHaveBeenCalledTimes(1);
  expect(textOf(three as ReadRecords, "base64")).toContain('"body":"YQ=="');
  expect(spell).toHaveBeenCalledTimes(2);
  for (const session of sessions) session.close();
});

test("what a bound has cut is not taken for the whole, nor stored records for live ones", async () => {
  const { open, append } = await createHarness();
  const sessions = await Promise.all([open({ from: TAIL }), open({ from: TAIL, count: 1, waitSecs: 9 })]);
  for (const session of sessions) await session.next();
  await append(bodies("a", "b"));
  const [whole, cut] = await Promise.all(sessions.map(records));
  const textOf = createBatchText();
  expect(textOf(whole as ReadRecords, "raw")).toContain('"b"');
  expect(textOf(cut as ReadRecords, "raw")).not.toContain('"b"');
  const stored = await records(await open({ waitSecs: 0 }));
  expect(textOf(stored, "raw")).not.toContain("tail");
  for (const session of sessions) session.close();
});

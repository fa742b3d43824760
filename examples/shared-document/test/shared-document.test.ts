import { type OpenBasin, openBasin } from "@s2-dev/example-basin";
import type { S2Stream } from "@s2-dev/streamstore";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SharedDocument } from "../src/shared-document.js";

let place: OpenBasin;
let stream: S2Stream;
const open: SharedDocument[] = [];

beforeAll(async () => {
  place = await openBasin();
});
afterAll(() => place.close());
beforeEach(async () => {
  const name = `documents/${crypto.randomUUID()}`;
  await place.basin.streams.ensure({ stream: name });
  stream = place.basin.stream(name);
});
afterEach(async () => {
  for (const document of open.splice(0)) await document[Symbol.asyncDispose]();
});

async function join(): Promise<SharedDocument> {
  const document = new SharedDocument(stream);
  open.push(document);
  await document.connect();
  return document;
}

const text = ({ doc }: SharedDocument) => doc.getText("text");
const write = (document: SharedDocument, what: string) => text(document).insert(text(document).length, what);

async function settle(...documents: SharedDocument[]): Promise<void> {
  for (const document of documents) {
    const end = await document.flush();
    await Promise.all(documents.map((other) => other.reached(end)));
  }
}

describe("a shared document", () => {
  it("is the same for all who edit it at the same time", async () => {
    const all = await Promise.all([join(), join(), join()]);
    for (let round = 0; round < 20; round += 1) {
      all.forEach((document, index) => {
        text(document).insert(0, `${index}`);
      });
    }
    await settle(...all);
    const [first, ...others] = all.map((document) => text(document).toString());
    expect(first).toHaveLength(60);
    expect([...(first ?? "")].sort().join("")).toBe("0".repeat(20) + "1".repeat(20) + "2".repeat(20));
    expect(others).toEqual([first, first]);
  });

  it("merges what was edited offline on both sides, as one message", async () => {
    const [ann, bob] = await Promise.all([join(), join()]);
    write(ann, "both. ");
    await settle(ann, bob);
    await bob.disconnect();
    for (const word of ["bob ", "was ", "away. "]) write(bob, word);
    write(ann, "ann stayed. ");
    await settle(ann);
    const before = (await stream.checkTail()).tail.seq_num;
    expect(bob.unsent).toBe(3);
    await bob.connect();
    await settle(bob, ann);
    expect((await stream.checkTail()).tail.seq_num).toBe(before + 1);
    expect(bob.unsent).toBe(0);
    expect(text(ann).toString()).toBe(text(bob).toString());
    for (const part of ["both. ", "ann stayed. ", "bob was away. "])
      expect(text(ann).toString()).toContain(part);
  });

  it("keeps a message that is larger than a record", async () => {
    const [ann, bob] = await Promise.all([join(), join()]);
    write(ann, "x".repeat(1_500_000));
    await settle(ann, bob);
    expect(text(bob).length).toBe(1_500_000);
  });
});

describe("a snapshot", () => {
  it("takes the place of the history, for those who are new and for those who were away", async () => {
    const ann = await join();
    const bob = await join();
    for (let index = 0; index < 50; index += 1) write(ann, `${index} `);
    await settle(ann, bob);
    await bob.disconnect();
    write(ann, "unseen by bob");
    await settle(ann);
    write(bob, "unseen by ann ");
    expect(await ann.compact()).toBe(true);
    await expect
      .poll(async () => (await stream.read({ seq_num: 0, count: 1 })).records[0]?.seq_num, {
        timeout: 30_000,
      })
      .toBe(51);
    const read = bob.messagesRead;
    await bob.connect();
    expect(bob.messagesRead).toBe(read + 1);
    await settle(bob, ann);
    const cid = await join();
    expect(cid.messagesRead).toBe(2);
    for (const document of [bob, cid]) expect(text(document).toString()).toBe(text(ann).toString());
    expect(text(cid).toString()).toContain("unseen by bob");
    expect(text(cid).toString()).toContain("unseen by ann");
  });

  it("is not written by somebody who has not read everything, so that nothing is trimmed unread", async () => {
    const [ann, bob] = await Promise.all([join(), join()]);
    write(ann, "one");
    await settle(ann, bob);
    await bob.disconnect();
    write(ann, " two");
    await settle(ann);
    expect(await bob.compact()).toBe(false);
    expect((await join()).messagesRead).toBe(2);
  });
});

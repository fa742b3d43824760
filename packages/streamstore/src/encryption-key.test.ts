import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { answerAck, answerBatch, answerJson, BASIN, createTestClient, nextCall } from "../test/support.js";
import { EncryptionKey } from "./encryption-key.js";

const BYTES = new Uint8Array(32).fill(7);
const TEXT = Buffer.from(BYTES).toString("base64");

const headerOf = (call: { request: { headers: Readonly<Record<string, string>> } }): string | undefined =>
  call.request.headers["s2-encryption-key"];

describe("an encryption key", () => {
  it("is not seen by printing, JSON, spreading, cloning or listing", () => {
    const key = EncryptionKey.from(TEXT);
    const shown = [
      String(key),
      inspect(key, { depth: 9, showHidden: true, getters: true }),
      JSON.stringify({ key }),
      JSON.stringify({ ...key }),
      `${Object.getOwnPropertyNames(key)}`,
      inspect(structuredClone({ ...key })),
    ];
    for (const text of shown) expect(text).not.toContain(TEXT.slice(0, 8));
    expect(String(key)).toBe("<redacted>");
    expect(Object.isFrozen(key)).toBe(true);
  });

  it("goes with every append and read of its stream, as base64, and with nothing else", async () => {
    const { s2, transport } = createTestClient();
    const basin = s2.basin(BASIN);
    for (const key of [EncryptionKey.from(BYTES), EncryptionKey.from(` ${TEXT}\n`)]) {
      for (const stream of [
        basin.stream("events", { encryptionKey: key }),
        basin.stream("events").withEncryptionKey(key),
      ]) {
        const appended = stream.append({ body: "x" });
        const append = await nextCall(transport);
        expect(headerOf(append)).toBe(TEXT);
        answerAck(append);
        await appended;
        const reading = stream.read({ seq_num: 0 });
        const read = await nextCall(transport);
        expect(headerOf(read)).toBe(TEXT);
        answerBatch(read);
        await reading;
        const session = await stream.appendSession();
        void session.submit({ body: "x" });
        expect(headerOf(transport.append())).toBe(TEXT);
        const opening = stream.readSession({ seq_num: 0 });
        expect(headerOf(transport.read())).toBe(TEXT);
        transport.read().open();
        await (await opening).cancel();
        const checked = stream.checkTail();
        const check = await nextCall(transport);
        expect(headerOf(check)).toBeUndefined();
        answerJson(check, 200, { tail: { seq_num: 0, timestamp: 0 } });
        await checked;
      }
    }
  });

  it("is of the handle it was given to, and of no other", async () => {
    const { s2, transport } = createTestClient();
    const plain = s2.basin(BASIN).stream("events", { forceTransport: "s2s" });
    plain.withEncryptionKey(EncryptionKey.from("a"));
    void plain.append({ body: "x" }).catch(() => undefined);
    expect(headerOf(await nextCall(transport))).toBeUndefined();
  });

  const NO_KEYS: [string, unknown, RegExp][] = [
    ["nothing", "", /1 to 44.*got 0/],
    ["no bytes", new Uint8Array(0), /1 to 44.*got 0/],
    ["blanks", "  ", /1 to 44.*got 0/],
    ["45 characters", "x".repeat(45), /1 to 44.*got 45/],
    ["34 bytes", new Uint8Array(34), /1 to 44.*got 48/],
    ["what cannot stand in a header", "a\nb", /printable ASCII/],
    ["no text and no bytes", 5, /string or a Uint8Array; got a number/],
    ["an argument that is missing", undefined, /string or a Uint8Array; got a undefined/],
  ];

  it.each(NO_KEYS)("refuses %s, without showing it", (_, key, message) => {
    expect(() => EncryptionKey.from(key as string)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringMatching(message) }),
    );
  });

  // What is private in types is not private in JavaScript.
  it.each(NO_KEYS)("made without its factory refuses %s too", (_, key, message) => {
    const Constructor = EncryptionKey as unknown as new (key: unknown) => EncryptionKey;
    expect(() => new Constructor(key)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringMatching(message) }),
    );
    expect(String(new Constructor(TEXT))).toBe("<redacted>");
  });

  it("is made of the bytes of another realm, too", async () => {
    const { s2, transport } = createTestClient();
    const bytes = runInNewContext("new Uint8Array(32).fill(7)") as Uint8Array;
    expect(bytes instanceof Uint8Array).toBe(false);
    const stream = s2.basin(BASIN).stream("events", { encryptionKey: EncryptionKey.from(bytes) });
    void stream.append({ body: "x" }).catch(() => undefined);
    expect(headerOf(await nextCall(transport))).toBe(TEXT);
  });

  it("leaves to the service what is a key, as long as it fits the header: streams without a cipher take any", () => {
    for (const key of ["correct-horse", "abc_-", "!".repeat(44)]) {
      expect(String(EncryptionKey.from(key))).toBe("<redacted>");
    }
  });

  it("cannot be replaced by plain text, which would be printed with the options", () => {
    const { s2 } = createTestClient();
    const plain = TEXT as unknown as EncryptionKey;
    expect(() => s2.basin(BASIN).stream("events", { encryptionKey: plain })).toThrow(/EncryptionKey\.from/);
    expect(() => s2.basin(BASIN).stream("events").withEncryptionKey(plain)).toThrow(/EncryptionKey\.from/);
  });
});

import { S2Error } from "@s2-dev/streamstore-core";
import { describe, expect, it } from "vitest";
import { MemoryReadSession, type MemoryReadSessionOptions } from "../../test/memory-read-session.js";
import { storedRecord } from "../../test/memory-stream.js";
import { injectDedupeHeaders } from "./dedupe.js";
import { DeserializingReadSession } from "./deserializing-read-session.js";
import { frameChunksToRecords } from "./frame.js";

const text = (value: string) => new TextEncoder().encode(value);
const read = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function session(messages: readonly string[], options?: MemoryReadSessionOptions) {
  const records = messages.flatMap((message) => frameChunksToRecords(message.split("|").map(text)));
  return new MemoryReadSession(records.map(storedRecord), options);
}

async function collect<T>(stream: ReadableStream<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe("DeserializingReadSession", () => {
  it("reads messages whole and in order, empty ones included, and ends with the session", async () => {
    const source = session(["one", "t|w|o", "", "three"]);
    expect(await collect(new DeserializingReadSession(source, read))).toEqual(["one", "two", "", "three"]);
    expect(source.locked).toBe(false);
    expect(source.cancelledWith).toEqual([]);
  });

  it("says what is wrong with a session of text, and with the promise of one", async () => {
    const { headers: _, ...record } = storedRecord({ body: "text" }, 0);
    const asText = new MemoryReadSession([{ ...record, body: "text", headers: {} } as never]);
    await expect(collect(new DeserializingReadSession(asText, read))).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: 'session must be opened with as: "bytes"; it gives records of text',
    });
    expect(asText.cancelledWith).toHaveLength(1);
    expect(() => new DeserializingReadSession(Promise.resolve(asText) as never, read)).toThrowError(
      "session must be a read session, not a promise of one; got an object",
    );
  });

  it("delivers whatever the deserializer makes, also nothing", async () => {
    const values = [undefined, null, 0, false];
    const source = session(["a", "b", "c", "d"]);
    expect(await collect(new DeserializingReadSession(source, () => values.shift()))).toEqual([
      undefined,
      null,
      0,
      false,
    ]);
  });

  it("takes no record before it is asked for, so the position stays behind the last message", async () => {
    const source = session(["o|n|e", "two", "three"]);
    const reader = new DeserializingReadSession(source, read).getReader();
    await reader.read();
    await new Promise((resolve) => setImmediate(resolve));
    expect(source.nextReadPosition()?.seq_num).toBe(3);
  });

  it("drops copies by default, and keeps them on demand", async () => {
    const records = ["one", "two"].flatMap((message, seq) => {
      const framed = frameChunksToRecords([text(message)]);
      injectDedupeHeaders(framed, "writer", seq);
      return framed;
    });
    const twice = [...records, ...records].map(storedRecord);
    expect(await collect(new DeserializingReadSession(new MemoryReadSession(twice), read))).toEqual([
      "one",
      "two",
    ]);
    const withCopies = new DeserializingReadSession(new MemoryReadSession(twice), read, {
      enableDedupe: false,
    });
    expect(await collect(withCopies)).toEqual(["one", "two", "one", "two"]);
  });

  it("cancels the session with the deserializer's error, and ends with that error itself [D1-74]", async () => {
    const failure = new RangeError("not mine");
    const source = session(["one", "two"]);
    const messages = new DeserializingReadSession(source, () => {
      throw failure;
    });
    await expect(collect(messages)).rejects.toBe(failure);
    expect(source.cancelledWith).toEqual([failure]);
  });

  it("cancels the session for a message beyond maxFrameBytes", async () => {
    const source = session(["1234", "12345", "1"]);
    const reader = new DeserializingReadSession(source, read, { maxFrameBytes: 4 }).getReader();
    expect(await reader.read()).toEqual({ done: false, value: "1234" });
    await expect(reader.read()).rejects.toMatchObject({ code: "FRAME_SIZE", seqNum: 1 });
    expect(source.cancelledWith).toMatchObject([{ code: "FRAME_SIZE" }]);
  });

  it("ends with the session's own error, after what came before it", async () => {
    const failure = new S2Error({ message: "gone", code: "stream_not_found" });
    const reader = new DeserializingReadSession(session(["one"], { failure }), read).getReader();
    expect(await reader.read()).toEqual({ done: false, value: "one" });
    await expect(reader.read()).rejects.toBe(failure);
  });

  it("passes a cancel on", async () => {
    const source = session(["one"], { isFollowing: true });
    await new DeserializingReadSession(source, read).cancel("enough");
    expect(source.cancelledWith).toEqual(["enough"]);
  });

  it("passes a cancel on while a reader waits, whose read then ends", async () => {
    const source = session([], { isFollowing: true });
    const messages = new DeserializingReadSession(source, read);
    const pending = messages.getReader().read();
    await messages.cancel("enough");
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(source.cancelledWith).toEqual(["enough"]);
  });

  it("cancels the session when a loop is left early", async () => {
    const source = session(["one", "two"], { isFollowing: true });
    for await (const message of new DeserializingReadSession(source, read)) {
      expect(message).toBe("one");
      break;
    }
    expect(source.cancelledWith).toHaveLength(1);
  });

  it("cancels the session when it is disposed of, and can be cancelled after its end", async () => {
    const source = session([], { isFollowing: true });
    {
      await using _messages = new DeserializingReadSession(source, read);
    }
    expect(source.cancelledWith).toEqual(["disposed"]);
    const ended = new DeserializingReadSession(session(["one"]), read);
    await collect(ended);
    const reader = ended.getReader();
    await expect(ended.cancel()).resolves.toBeUndefined();
    reader.releaseLock();
  });

  it("tells of messages that are given up", async () => {
    const records = frameChunksToRecords([text("a"), text("b")]).slice(0, 1);
    const given: string[] = [];
    const source = new MemoryReadSession(
      [...records, ...frameChunksToRecords([text("c")])].map(storedRecord),
    );
    const messages = new DeserializingReadSession(source, read, {
      onDiscard: ({ reason }) => given.push(reason),
    });
    expect(await collect(messages)).toEqual(["c"]);
    expect(given).toEqual(["superseded"]);
  });

  it("gives up what is without news for too many records, also where these are no messages", async () => {
    const dead = frameChunksToRecords([text("a"), text("b")]).slice(0, 1);
    injectDedupeHeaders(dead, "dead", 0);
    const strays = Array.from({ length: 4 }, () => ({ body: text("stray"), headers: [] }));
    const given: unknown[] = [];
    const source = new MemoryReadSession([...dead, ...strays].map(storedRecord));
    const options = { maxSilentRecords: 3, onDiscard: (frame: object) => given.push(frame) };
    expect(await collect(new DeserializingReadSession(source, read, options))).toEqual([]);
    expect(given).toMatchObject([{ reason: "silent", writerId: "dead", seqNum: 0 }]);
  });

  it("leaves the session alone when an option is refused", () => {
    const source = session([]);
    expect(() => new DeserializingReadSession(source, read, { maxFrameBytes: 0 })).toThrowError(S2Error);
    expect(source.locked).toBe(false);
  });
});

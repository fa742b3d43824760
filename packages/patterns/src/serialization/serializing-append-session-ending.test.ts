import { S2Error } from "@s2-dev/streamstore-core";
import { describe, expect, it } from "vitest";
import { MemoryAppendSession } from "../../test/memory-append-session.js";
import { MemoryStream } from "../../test/memory-stream.js";
import {
  filled,
  lost,
  openSerializing as open,
  outcome,
  readBack,
  settled,
  text,
} from "../../test/serializing.js";
import { SerializingAppendSession } from "./serializing-append-session.js";

const MIB = 1024 * 1024;

describe("closing", () => {
  it("waits until every message is durable, and closes the session and its writable", async () => {
    const { stream, session, messages } = open({}, { isManual: true });
    void messages.submit(text("a"));
    const closed = messages.close();
    let isClosed = false;
    void closed.then(() => (isClosed = true));
    await settled();
    expect(isClosed).toBe(false);
    session.land();
    await closed;
    expect(stream.records).toHaveLength(1);
    expect(session.lifecycle).toBe("closed");
  });

  it("waits for messages that have no capacity yet", async () => {
    const { stream, session, messages } = open({}, { isManual: true, maxInflightBytes: MIB });
    const sent = messages.submit(filled(3 * MIB));
    const closed = messages.close();
    for (await settled(); session.inflight > 0; await settled()) session.land();
    await closed;
    await sent;
    expect(await readBack(stream)).toHaveLength(1);
  });

  it("may be asked for again, also behind a pipe that closed it", async () => {
    const { messages } = open();
    await new Blob(["x"]).stream().pipeTo(messages);
    await messages.close();
    await messages.close();
    await messages[Symbol.asyncDispose]();
  });

  it("refuses messages afterwards", async () => {
    const { messages } = open();
    await messages.close();
    await expect(messages.submit(text("a"))).rejects.toMatchObject({ code: "SESSION_CLOSED" });
  });

  it("can be tried again after it was refused because the stream is locked", async () => {
    const { messages } = open();
    const writer = messages.getWriter();
    await expect(messages.close()).rejects.toThrow(TypeError);
    writer.releaseLock();
    await messages.close();
  });

  it("happens at the end of the scope, also while a writer is held", async () => {
    const { session, messages } = open();
    {
      await using scoped = messages;
      await scoped.getWriter().write(text("a"));
    }
    expect(session.lifecycle).toBe("closed");
  });
});

describe("failures", () => {
  it("errors the stream when an ack fails, though every write was taken", async () => {
    const { session, messages } = open({}, { isManual: true });
    const writer = messages.getWriter();
    await writer.write(text("a"));
    const failure = lost();
    session.fail(failure);
    expect(await outcome(writer.closed)).toBe(failure);
    expect(await outcome(writer.write(text("b")))).toBe(failure);
    writer.releaseLock();
    expect(await outcome(messages.close())).toBe(failure);
  });

  it("rejects a close that waits for the ack which fails", async () => {
    const { session, messages } = open({}, { isManual: true });
    const writer = messages.getWriter();
    await writer.write(text("a"));
    const closed = writer.close();
    await settled();
    const failure = lost();
    session.fail(failure);
    expect(await outcome(closed)).toBe(failure);
  });

  it("rejects a pipe with the failure, and tells its source", async () => {
    const { session, messages } = open({}, { isManual: true });
    let cancelledWith: unknown;
    const source = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(text("a")),
      cancel: (reason) => {
        cancelledWith = reason;
      },
    });
    const piped = source.pipeTo(messages);
    void piped.catch(() => {});
    const failure = lost();
    session.fail(failure);
    expect(await outcome(piped)).toBe(failure);
    expect(cancelledWith).toBe(failure);
  });

  it("fails messages that wait for capacity, each once, and reports by close() what nobody awaited", async () => {
    const { session, messages } = open({}, { isManual: true, maxInflightBytes: MIB });
    const sent = [filled(MIB / 2), filled(4 * MIB), text("c")].map((message) =>
      outcome(messages.submit(message)),
    );
    void messages.submit(text("left alone"));
    await settled();
    const failure = lost();
    session.fail(failure);
    expect(await Promise.all(sent)).toEqual([failure, failure, failure]);
    await expect(messages.close()).rejects.toBe(failure);
  });

  it("sends nothing behind a batch that failed, even if its session would", async () => {
    const { stream, session, messages } = open({ chunkSize: 1 }, { isManual: true, maxInflightBytes: MIB });
    const sent = [filled(1500), text("b")].map((message) => outcome(messages.submit(message)));
    const large = outcome(messages.submit(new Uint8Array(200_000)));
    await settled();
    const failure = lost();
    session.failFirst(failure);
    for (await settled(); session.inflight > 0; await settled()) session.land();
    expect(await Promise.all([sent[0], large])).toEqual([failure, failure]);
    expect(await outcome(messages.submit(text("c")))).toBe(failure);
    expect(await outcome(messages.close())).toBe(failure);
    expect(stream.records.length).toBeLessThan(200_000);
    expect(session.lifecycle).toBe("closed");
  });

  it("rejects close() with the failure of the last batch, even if its session closes well", async () => {
    const { session, messages } = open({}, { isManual: true });
    void messages.submit(text("a"));
    const closed = outcome(messages.close());
    await settled();
    const failure = lost();
    session.failFirst(failure);
    expect(await closed).toBe(failure);
  });

  it("reports what ended the session, though a batch is told what is true of itself", async () => {
    const { session, messages } = open({}, { isManual: true });
    const sent = outcome(messages.submit(text("a")));
    await settled();
    const [failure, unknown] = [lost(), new S2Error({ message: "may have landed", code: "OUTCOME_UNKNOWN" })];
    session.fail(failure, unknown);
    expect(await sent).toBe(unknown);
    expect(await outcome(messages.close())).toBe(failure);
  });

  it("errors an idle stream when the session fails", async () => {
    const { session, messages } = open();
    const writer = messages.getWriter();
    const failure = lost();
    session.fail(failure);
    expect(await outcome(writer.closed)).toBe(failure);
  });

  it("rejects only the message that cannot be serialized, if it was submitted", async () => {
    const stream = new MemoryStream();
    const failure = new RangeError("cyclic");
    const messages = new SerializingAppendSession<string>(new MemoryAppendSession(stream), (message) => {
      if (message === "bad") throw failure;
      return text(message);
    });
    const sent = ["a", "bad", "b"].map((message) => outcome(messages.submit(message)));
    expect(await Promise.all(sent)).toEqual([{ start: 0, end: 1 }, failure, { start: 1, end: 2 }]);
    await messages.close();
  });

  it("errors the stream for one that was written, and closes the session behind those before it", async () => {
    const stream = new MemoryStream();
    const session = new MemoryAppendSession(stream);
    const failure = new RangeError("cyclic");
    const messages = new SerializingAppendSession<string>(session, (message) => {
      if (message === "bad") throw failure;
      return text(message);
    });
    const before = messages.submit("a");
    const writer = messages.getWriter();
    expect(await outcome(writer.write("bad"))).toBe(failure);
    await before;
    writer.releaseLock();
    expect(await outcome(messages.close())).toBe(failure);
    expect(await outcome(messages.submit("b"))).toBe(failure);
    expect(session.lifecycle).toBe("closed");
    expect(stream.records).toHaveLength(1);
  });

  it("names what a serializer gave instead of bytes", async () => {
    const session = new MemoryAppendSession(new MemoryStream());
    const messages = new SerializingAppendSession(session, (async () => text("a")) as never);
    await expect(messages.submit("a")).rejects.toThrow(/must return a Uint8Array; got \[object Promise\]/);
  });
});

describe("aborting", () => {
  it("ends the session at once and rejects what is on its way", async () => {
    const { stream, session, messages } = open({}, { isManual: true });
    const sent = outcome(messages.submit(text("a")));
    await settled();
    await messages.abort("enough");
    expect(session.lifecycle).toBe("failed");
    expect(await sent).toMatchObject({ code: "ABORTED", cause: "enough" });
    expect(await outcome(messages.submit(text("b")))).toMatchObject({ code: "ABORTED", cause: "enough" });
    expect(stream.records).toHaveLength(0);
  });

  it("gets through while a write waits for capacity that never comes", async () => {
    const { session, messages } = open({}, { isManual: true, maxInflightBytes: MIB });
    const writer = messages.getWriter();
    const written = outcome(writer.write(filled(4 * MIB)));
    await settled();
    await writer.abort("enough");
    expect(session.lifecycle).toBe("failed");
    expect(await written).toMatchObject({ code: "ABORTED", cause: "enough" });
  });

  it("gets through while closing waits for acks that never come", async () => {
    const { session, messages } = open({}, { isManual: true });
    const writer = messages.getWriter();
    await writer.write(text("a"));
    const closed = outcome(writer.close());
    await settled();
    await outcome(writer.abort("enough"));
    expect(session.lifecycle).toBe("failed");
    expect(await closed).toMatchObject({ code: "ABORTED", cause: "enough" });
  });
});

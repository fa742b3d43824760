import { describe, expect, it } from "vitest";
import { flushMicrotasks, observe } from "../../testing/index.js";
import { appendRig } from "./append.fixture.js";

describe("a writable whose session is closed beside it", () => {
  it("errors, so that nobody waits on it for ever", async () => {
    const { session } = appendRig();
    const writer = session.writable.getWriter();
    const closed = observe(writer.closed);
    await session.close();
    await flushMicrotasks();
    expect(closed.reason).toMatchObject({ code: "SESSION_CLOSED" });
  });

  it("ends a pipe whose source is quiet", async () => {
    const { session } = appendRig();
    const pipe = observe(new ReadableStream({ pull: () => new Promise(() => {}) }).pipeTo(session.writable));
    await session.close();
    await flushMicrotasks();
    expect(pipe.reason).toMatchObject({ code: "SESSION_CLOSED" });
  });

  it("closes well when it was closed itself", async () => {
    const { session } = appendRig();
    const writer = session.writable.getWriter();
    await writer.close();
    await expect(writer.closed).resolves.toBeUndefined();
  });
});

import { describe, expect, it } from "vitest";
import { encodeAppendBatch } from "../codec/append-input.js";
import { abortedError } from "../error/make.js";
import type { AppendEvents, AppendLink, WireRequest } from "../transport/index.js";
import { flushMicrotasks } from "./flush-microtasks.js";
import { observe } from "./observe.js";
import { appendAck } from "./scripted-append-link.js";
import { readRecords } from "./scripted-read-link.js";
import { createScriptedTransport } from "./scripted-transport.js";

const request: WireRequest = { method: "POST", url: "https://b.test/", headers: {} };
const options = { attempt: 1, authorization: "Bearer x" };
const batch = encodeAppendBatch([{ body: "a" }]);

const appendLink = () => {
  const transport = createScriptedTransport();
  const seen: unknown[] = [];
  const events: AppendEvents = {
    opened: () => seen.push("opened"),
    taken: (count) => seen.push(["taken", count]),
    acks: (acks) => seen.push(["acks", acks.map(({ start }) => start.seq_num)]),
    writable: () => seen.push("writable"),
    reconnectAdvised: () => seen.push("advised"),
    ended: (error) => seen.push(["ended", error]),
  };
  return {
    transport,
    seen,
    link: transport.openAppend(request, events, options),
    script: transport.append(),
  };
};

describe("a scripted append link", () => {
  it("does only what the script says, and remembers what was done with it", () => {
    const { transport, seen, link, script } = appendLink();
    script.open();
    link.send(batch);
    link.send(batch);
    script.take(1);
    script.acknowledge(2);
    script.adviseReconnect();
    link.finish();
    script.end(null);
    expect(seen).toEqual(["opened", ["taken", 1], ["acks", [0, 1]], "advised", ["ended", null]]);
    expect(script.sent).toEqual([batch, batch]);
    expect([script.isFinished, script.isOver]).toEqual([true, true]);
    expect(transport.violations).toEqual([]);
  });

  it("says how many batches have started as the script likes", () => {
    const { link, script } = appendLink();
    script.open();
    link.send(batch);
    expect(link.started).toBe(1);
    script.startsAtOnce = false;
    link.send(batch);
    expect(link.started).toBe(1);
    script.take(2);
    expect(link.started).toBe(2);
  });

  const breaches: [what: string, act: (link: AppendLink, open: () => void) => unknown][] = [
    ["send() before opened()", (link) => link.send(batch)],
    ["finish() before opened()", (link) => link.finish()],
    [
      "finish() twice",
      (link, open) => {
        open();
        link.finish();
        link.finish();
      },
    ],
    [
      "send() after finish()",
      (link, open) => {
        open();
        link.finish();
        link.send(batch);
      },
    ],
    [
      "send() on a link that is over",
      (link, open) => {
        open();
        link.abort(abortedError("x"));
        link.send(batch);
      },
    ],
  ];
  it.each(breaches)("notices %s", (what, act) => {
    const { transport, link, script } = appendLink();
    act(link, () => script.open());
    expect(transport.violations).toEqual([what]);
  });

  it("notices a send that should have waited", () => {
    const { transport, link, script } = appendLink();
    script.open();
    script.acceptsMore = false;
    expect(link.send(batch)).toBe(false);
    link.send(batch);
    expect(transport.violations).toEqual(["send() before writable()"]);
  });

  it("refuses a script that goes on after the end", () => {
    const { link, script } = appendLink();
    link.abort(abortedError("x"));
    expect(() => script.open()).toThrow("over");
    expect(() => script.ack(appendAck(0, 1))).toThrow("over");
    expect(() => script.end(null)).toThrow("over");
  });

  it("refuses to acknowledge what was not sent", () => {
    const { script } = appendLink();
    script.open();
    expect(() => script.acknowledge()).toThrow("only 0 were sent");
  });
});

describe("a scripted read link", () => {
  const readLink = () => {
    const transport = createScriptedTransport();
    const link = transport.openRead(request, { as: "string", unsafeTimestamps: "error" }, options);
    return { transport, link, script: transport.read() };
  };

  it("hands over in order what the script queued, then how it ended", async () => {
    const { link, script } = readLink();
    script.batch(readRecords(0, 2));
    script.heartbeat({ seq_num: 2, timestamp: 0 });
    script.end();
    expect((await link.next())?.records).toHaveLength(2);
    expect(await link.next()).toMatchObject({ records: [], tail: { seq_num: 2 } });
    expect(await link.next()).toBeNull();
    expect(script.pulls).toBe(3);
  });

  it("rejects a pending pull when it is aborted or breaks", async () => {
    const broken = readLink();
    const pull = observe(broken.link.next());
    broken.script.fail(abortedError("cut"));
    const aborted = readLink();
    const other = observe(aborted.link.next());
    expect(aborted.script.isAwaited).toBe(true);
    aborted.link.abort(abortedError("enough"));
    await flushMicrotasks();
    expect(pull.reason).toMatchObject({ cause: "cut" });
    expect(other.reason).toMatchObject({ cause: "enough" });
  });

  it("counts the bytes that arrive", () => {
    const { link, script } = readLink();
    script.receive(5);
    expect(link.bytesReceived).toBe(5);
  });

  it("notices pulls that overlap", () => {
    const { transport, link } = readLink();
    void link.next();
    void link.next();
    expect(transport.violations).toEqual(["next() while another is pending"]);
  });
});

describe("a scripted transport", () => {
  it("answers unary calls as the script says", async () => {
    const transport = createScriptedTransport();
    const { signal } = new AbortController();
    const first = transport.exchange(request, { ...options, signal });
    transport.exchanged().answer({ status: 204 });
    await expect(first).resolves.toMatchObject({ status: 204 });
    const second = transport.exchange(request, { ...options, signal });
    transport.exchanged().fail(abortedError("cut"));
    await expect(second).rejects.toMatchObject({ cause: "cut" });
    expect(transport.exchanges).toHaveLength(2);
  });

  it("aborts its links when it is closed", async () => {
    const { transport, script } = appendLink();
    await transport.close();
    expect(script.isOver).toBe(true);
  });

  it("says so when there is no link yet", () => {
    expect(() => createScriptedTransport().append()).toThrow("no append link so far");
  });
});

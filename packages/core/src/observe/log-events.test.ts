import { describe, expect, it } from "vitest";
import { S2Error } from "../error/s2-error.js";
import { createAppendSession } from "../session/append/session.js";
import { call } from "../session/call.js";
import { openReadSession } from "../session/read/session.js";
import type { ReadSession } from "../session/read/types.js";
import { flushMicrotasks, observe, readRecords } from "../testing/index.js";
import { EVENT_NAMES, type EventMap, type Hooks } from "./hooks.js";
import { type LogFields, type Logger, logEvents } from "./log-events.js";
import { observedRig, recordsRequest } from "./recorder.fixture.js";

interface Line {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields: LogFields;
}

function recordingLogger(): { readonly logger: Logger; readonly lines: Line[] } {
  const lines: Line[] = [];
  const at = (level: keyof Logger) => (message: string, fields: LogFields) =>
    void lines.push({ level, message, fields });
  return { logger: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }, lines };
}

const SECRET = "sesame-4711";
const unavailable = new S2Error({
  message: "try later",
  code: "unavailable",
  data: SECRET,
  cause: new Error(SECRET),
});

describe("log lines of events", () => {
  it("are written for every event there is, with plain fields", () => {
    const { logger, lines } = recordingLogger();
    const hooks = logEvents(logger);
    expect(Object.keys(hooks).sort()).toEqual([...EVENT_NAMES].sort());
    const connection = { id: 4, transport: "s2s", origin: "https://a.test" };
    hooks.connectionOpened?.({ connection, latencyMillis: 2 });
    hooks.hookFailed?.({ hook: "batchSent", error: new Error("mine") });
    expect(lines).toEqual([
      {
        level: "debug",
        message: "S2 connection opened",
        fields: {
          event: "connectionOpened",
          connection: 4,
          transport: "s2s",
          origin: "https://a.test",
          latencyMillis: 2,
        },
      },
      {
        level: "error",
        message: "S2 hook failed",
        fields: { event: "hookFailed", hook: "batchSent", errorMessage: "mine" },
      },
    ]);
  });

  it("tell what sessions do, by how much it matters", async () => {
    const { logger, lines } = recordingLogger();
    const rig = observedRig({ maxAttempts: 2 }, logEvents(logger));
    const session = createAppendSession(rig.context, { request: recordsRequest });
    observe(session.submit({ body: "a" }));
    rig.transport.append().open();
    rig.transport.append().acknowledge();
    observe(session.submit({ body: "b" }));
    rig.transport.append().end(unavailable);
    await rig.clock.advance(100);
    rig.transport.append().open();
    rig.transport.append().end(unavailable);
    await flushMicrotasks();
    const loud = lines.filter(({ level }) => level !== "debug");
    expect(loud.map(({ level, message }) => `${level} ${message}`)).toEqual([
      "info S2 session opened",
      "warn S2 retry scheduled",
      "info S2 session resumed",
      "error S2 session ended",
    ]);
    expect(loud[1]?.fields).toEqual({
      event: "retryScheduled",
      activity: 1,
      kind: "append_session",
      operation: "append",
      basin: "my-basin",
      stream: "a/b",
      transport: "scripted",
      origin: "https://my-basin.b.test",
      attempt: 1,
      delayMillis: 100,
      errorCode: "unavailable",
      errorStatus: unavailable.status,
      errorMessage: "try later",
    });
    expect(loud[3]?.fields).toMatchObject({ batches: 1, records: 1, bytes: 9, errorCode: "unavailable" });
  });

  it("take an abort for no failure", () => {
    const { logger, lines } = recordingLogger();
    const error = new S2Error({ message: "aborted", code: "ABORTED" });
    const end = (event: Partial<EventMap["callFinished"] & EventMap["sessionEnded"]>): void => {
      const hooks = logEvents(logger) as { [N in keyof Hooks]: (event: unknown) => void };
      hooks.callFinished?.(event);
      hooks.sessionEnded?.(event);
    };
    end({ error });
    end({ error: unavailable });
    end({});
    expect(lines.map(({ level }) => level)).toEqual(["debug", "info", "warn", "error", "debug", "info"]);
  });

  it.each([undefined, null, "console", {}, { debug() {}, info() {}, warn() {} }])(
    "cannot be written by what is no logger: %j",
    (logger) => {
      expect(() => logEvents(logger as never)).toThrow(
        expect.objectContaining({
          code: "INVALID_ARGUMENT",
          message: expect.stringMatching(/a logger must have (debug|error)/),
        }),
      );
    },
  );

  it("never show a token, a key, a header, a record, or what an error carries", async () => {
    const { logger, lines } = recordingLogger();
    const rig = observedRig({ maxAttempts: 2 }, logEvents(logger));
    const credentials = { authorization: () => `Bearer ${SECRET}`, renew: () => false };
    const context = { ...rig.context, credentials };
    const headers = { "s2-encryption-key": SECRET };
    const body = new TextEncoder().encode(SECRET);
    observe(call(context, { request: { ...recordsRequest, headers, body }, decode: () => null }));
    await flushMicrotasks();
    rig.transport.exchanged().fail(unavailable);
    const append = createAppendSession(context, { request: { ...recordsRequest, headers } });
    observe(append.submit({ body: SECRET, headers: { key: SECRET } }));
    rig.transport.append().open();
    rig.transport.append().acknowledge();
    const opening = observe(
      openReadSession(context, {
        range: { seq_num: 0 },
        format: { as: "string", unsafeTimestamps: "error" },
        request: () => ({ ...recordsRequest, method: "GET", headers }),
      }),
    );
    rig.transport.read().open();
    await flushMicrotasks();
    rig.transport.read().batch(readRecords(0, 2).map((record) => ({ ...record, body: SECRET }) as never));
    await (opening.value as ReadSession)[Symbol.asyncIterator]().next();
    await rig.clock.advance(1000);
    expect(new Set(lines.map(({ fields }) => fields.event))).toEqual(new Set(rig.names()));
    expect(rig.names()).toEqual(expect.arrayContaining(["batchSent", "batchReceived", "retryScheduled"]));
    expect(JSON.stringify(lines)).not.toContain(SECRET);
  });
});

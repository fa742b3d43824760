import { createObserver, type LogFields, type Logger } from "@s2-dev/streamstore-core";
import { describe, expect, it } from "vitest";
import { answerJson, createTestClient, nextCall } from "../test/support.js";
import { S2 } from "./index.node.js";
import { serverOptions } from "./server-options.js";

function recordingLogger(): { readonly logger: Logger; readonly lines: [string, LogFields][] } {
  const lines: [string, LogFields][] = [];
  const log = (message: string, fields: LogFields): void => void lines.push([message, fields]);
  return { logger: { debug: log, info: log, warn: log, error: log }, lines };
}

describe("the option logger", () => {
  it("gets a line of each event, as from an observer of logEvents", async () => {
    const { transport } = createTestClient();
    const { logger, lines } = recordingLogger();
    const s2 = new S2({ accessToken: "secret-token", transport, logger });
    const listed = s2.basins.list();
    answerJson(await nextCall(transport), 200, { basins: [], has_more: false });
    await listed;
    expect(lines.map(([message]) => message)).toEqual([
      "S2 call started",
      "S2 attempt started",
      "S2 attempt ended",
      "S2 call finished",
    ]);
    expect(lines[0]?.[1]).toMatchObject({ event: "callStarted", operation: "list_basins" });
    expect(JSON.stringify(lines)).not.toContain("secret-token");
  });

  it("hears of connections too", () => {
    const { logger, lines } = recordingLogger();
    const { connections } = serverOptions({ logger }).observer ?? {};
    connections?.connectionClosed?.({
      connection: { id: 1, transport: "s2s", origin: "https://a.test" },
    } as never);
    expect(lines).toMatchObject([["S2 connection closed", { origin: "https://a.test" }]]);
  });

  it.each([null, 5, () => {}, { info() {}, warn() {}, error() {} }])(
    "is refused when it is none: %j",
    (logger) => {
      const make = (): unknown => new S2({ accessToken: "token", logger: logger as never });
      expect(make).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", sideEffect: "none" }));
      expect(make).toThrow(/a logger must have debug\(message, fields\); got/);
    },
  );

  it("does not stand beside an observer, which would leave one of them unheard", () => {
    const observer = createObserver({});
    expect(() => new S2({ accessToken: "token", logger: console, observer })).toThrow(
      /logger must not stand beside observer.*createObserver\(logEvents\(logger\), hooks\)/,
    );
  });
});

describe("the limit of a dial", () => {
  it("may stand in its older place, under retry, where the newer one wins", () => {
    const older = { retry: { connectionTimeoutMillis: 500 } };
    expect(serverOptions(older).connectionTimeoutMillis).toBe(500);
    expect(serverOptions({ ...older, connectionTimeoutMillis: 700 }).connectionTimeoutMillis).toBe(700);
    expect(serverOptions({ retry: {} }).connectionTimeoutMillis).toBeUndefined();
  });

  it("is checked there as well", () => {
    const make = (): unknown => new S2({ accessToken: "token", retry: { connectionTimeoutMillis: -1 } });
    expect(make).toThrow(/connectionTimeoutMillis must be between 1 and/);
  });
});

it("leaves other options as they are, also those that are none", () => {
  const options = { accessToken: "token" };
  expect(serverOptions(options)).toBe(options);
  for (const none of [null, 5]) expect(serverOptions(none as never)).toBe(none);
});

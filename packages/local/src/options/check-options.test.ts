import { S2Error } from "@s2-dev/streamstore-core";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { LocalOptions } from "../local-options.js";
import { startLocal } from "../start-local.js";
import { createMemoryStorage } from "../storage/memory-storage.js";
import { createFixture } from "../testing/test-server.js";

const place = { name: "here", is_private: false };

describe("startLocal", () => {
  test.each<[unknown, string]>([
    [8080, "options must be an object; got 8080"],
    [{ prot: 8080 }, "prot must be one of the known keys (port, listen, host, dir"],
    [{ port: 70_000 }, "port must be a whole number from 0 to 65535; got 70000"],
    [{ port: "8080" }, 'port must be a whole number from 0 to 65535; got "8080"'],
    [{ port: 80.5 }, "port must be a whole number from 0 to 65535; got 80.5"],
    [{ host: "" }, 'host must be a string that is not empty; got ""'],
    [{ dir: "" }, 'dir must be a string that is not empty; got ""'],
    [{ dir: "x", storage: createMemoryStorage() }, "dir and storage must be given one at a time"],
    [
      { storage: {} },
      "storage must be an object with streams(), table(), openLog(), inspectLog(), dropLog()",
    ],
    [
      { storage: { ...createMemoryStorage(), basins: undefined } },
      "storage.basins must be an object with get(), put(), delete(), list()",
    ],
    [{ auth: true }, "auth must be an object; got true"],
    [{ auth: {} }, "auth.rootToken must be present"],
    [{ auth: { rootToken: 5 } }, "auth.rootToken must be a string"],
    [{ auth: { rootToken: "" } }, "auth.rootToken must be visible ASCII characters without blanks"],
    [{ auth: { rootToken: "a b" } }, "auth.rootToken must be visible ASCII characters without blanks"],
    [{ auth: { rootToken: "t", token: "u" } }, "auth.token must be one of the known keys (rootToken)"],
    [
      { timeouts: { bodyMs: "10s" } },
      'timeouts.bodyMs must be a whole number from 1 to 2147483647; got "10s"',
    ],
    [{ timeouts: { bodyMs: 0 } }, "timeouts.bodyMs must be a whole number from 1 to 2147483647; got 0"],
    [{ timeouts: { body: 5 } }, "timeouts.body must be one of the known keys (helloMs, headersMs"],
    [{ timeouts: 5 }, "timeouts must be an object; got 5"],
    [{ tls: true }, 'tls must be either "self-signed" or an object with `cert` and `key`; got true'],
    [{ tls: { cert: "x" } }, "tls.key must be present"],
    [{ tls: { cert: "x", key: "y" } }, "tls.cert and tls.key must be a certificate and its key, in PEM"],
    [{ faults: {} }, "faults must be a list; got an object"],
    [{ locations: [] }, "locations must be a list of at least one location"],
    [{ locations: ["here"] }, 'locations[0] must be an object; got "here"'],
    [{ locations: [place, place] }, 'locations[1].name must be unique, and "here" is there twice'],
    [{ locations: [{ ...place, name: "a b" }] }, "locations[0].name must be a name that is allowed"],
    [{ locations: [{ name: "here" }] }, "locations[0].is_private must be present"],
    [
      { locations: [{ ...place, storage_classes: "express" }] },
      'locations[0].storage_classes must be a list; got "express"',
    ],
    [
      { locations: [{ ...place, default_storage_class: 5 }] },
      "locations[0].default_storage_class must be a string that is not empty; got 5",
    ],
    [{ drainMs: -1 }, "drainMs must be a whole number from 0 to 2147483647; got -1"],
    [{ appendInflightBytes: 0 }, "appendInflightBytes must be a whole number of at least 1; got 0"],
    [{ onRequest: "log" }, 'onRequest must be a function; got "log"'],
    [{ clock: Date }, "clock must be an object with now(), timer()"],
    [{ cors: "no" }, 'cors must be true or false; got "no"'],
    [{ init: { basin: [] } }, 'init must be an object with `basins`; got "basin"'],
    [{ listen: false, port: 8080 }, "port must be left out, or go with `listen: true`"],
    [{ listen: false, host: "::1" }, "host must be left out, or go with `listen: true`"],
    [{ listen: false, tls: "self-signed" }, "tls must be left out, or go with `listen: true`"],
    [{ init: Promise.resolve({ basins: [] }) }, "init must be an object, and no promise of one"],
  ])("refuses %j, naming the option, its value and the limit", async (options, message) => {
    const failure = await startLocal(options as LocalOptions).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(S2Error);
    expect(failure).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect((failure as Error).message).toContain(message);
  });

  test("never shows a token that is wrong", async () => {
    const auth = { rootToken: ["secret"] as unknown as string };
    await expect(startLocal({ auth })).rejects.toThrow(/^auth\.rootToken must be a string$/);
  });

  test("takes an option that is undefined for one that is not there", async () => {
    const options = { port: undefined, auth: undefined, listen: false } as unknown as LocalOptions;
    await (await startLocal(options)).close();
  });
});

test("a fixture that is given a port, and is not told to listen, says so", async () => {
  let start: () => Promise<void> = async () => undefined;
  const before = (run: () => Promise<void>): void => {
    start = run;
  };
  createFixture({ before, after: () => undefined }, { port: 8080 });
  await expect(start()).rejects.toThrow("port must be left out, or go with `listen: true`");
});

test("a fixture refuses a life that it does not know", () => {
  const hooks = { before: () => undefined, after: () => undefined };
  expect(() => createFixture(hooks, { lives: "fiel" as "file" })).toThrow("lives must be one of test, file");
});

describe("a callback that throws", () => {
  const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  afterEach(() => warnings.mockClear());

  test.each<[string, LocalOptions]>([
    [
      "onRequest",
      {
        onRequest: () => {
          throw new Error("oops");
        },
      },
    ],
    [
      "onAnswer",
      {
        onAnswer: () => {
          throw new Error("oops");
        },
      },
    ],
    ["onRequest", { onRequest: () => Promise.reject(new Error("oops")) as never }],
  ])("is a warning, and harms no request: %s", async (name, options) => {
    await using local = await startLocal(options);
    for (let request = 0; request < 2; request += 1) {
      const answer = await fetch(`${local.origin}/v1/basins`);
      expect(answer.status).toBe(200);
      await answer.text();
    }
    expect(warnings.mock.calls).toEqual([[`${name} threw: oops`]]);
  });
});

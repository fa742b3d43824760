import { inspect } from "node:util";
import { S2Error } from "@s2-dev/streamstore-core";
import { createScriptedTransport } from "@s2-dev/streamstore-core/testing";
import { describe, expect, it } from "vitest";
import {
  answerError,
  answerJson,
  BASIN,
  createTestClient,
  nextCall,
  rejection,
  TOKEN,
} from "../test/support.js";
import type { S2ClientOptions } from "./options.js";

/** The URL and headers of the first request of a client, made by a call to the account or to a basin. */
async function firstRequest(
  options: S2ClientOptions,
  environment: Readonly<Record<string, string>> = {},
  of: "account" | "basin" = "account",
): Promise<{ url: string; headers: Readonly<Record<string, string>>; authorization: string }> {
  const { s2, transport } = createTestClient(options, { environment });
  const answer = of === "account" ? s2.basins.list() : s2.basin(BASIN).streams.list();
  const call = await nextCall(transport);
  answerJson(
    call,
    200,
    of === "account" ? { basins: [], has_more: false } : { streams: [], has_more: false },
  );
  await answer;
  return { url: call.request.url, headers: call.request.headers, authorization: call.options.authorization };
}

/** What constructing a client with these options throws; typed loosely, as callers without types are. */
function refusal(options: unknown, environment: Readonly<Record<string, string>> = {}): S2Error {
  try {
    createTestClient(options as S2ClientOptions, { environment });
  } catch (error) {
    if (error instanceof S2Error) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("the access token", () => {
  it("comes from the option, else from the environment", async () => {
    const environment = { S2_ACCESS_TOKEN: "from-environment" };
    expect((await firstRequest({ accessToken: "from-option" }, environment)).authorization).toBe(
      "Bearer from-option",
    );
    expect((await firstRequest({ accessToken: undefined }, environment)).authorization).toBe(
      "Bearer from-environment",
    );
  });

  it.each([
    ["missing", undefined, "accessToken is missing: pass it, or set S2_ACCESS_TOKEN"],
    ["empty", "", "accessToken is missing: pass it, or set S2_ACCESS_TOKEN"],
    ["not a string", 7, "accessToken must be a string; got a number"],
    ["not fit for a header", "two words", "accessToken must consist of visible ASCII characters"],
    ["followed by a line end", "token\n", "accessToken must consist of visible ASCII characters"],
  ])("is refused when it is %s", (_, accessToken, message) => {
    const error = refusal({ accessToken });
    expect(error.message).toContain(message);
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", status: 400, origin: "sdk", sideEffect: "none" });
  });

  it("is blamed on the environment when it comes from there", () => {
    expect(refusal({ accessToken: undefined }, { S2_ACCESS_TOKEN: "two words" }).message).toContain(
      "S2_ACCESS_TOKEN must",
    );
  });

  it("is not shown by the refusal", () => {
    expect(refusal({ accessToken: `${TOKEN} and more` }).message).not.toContain(TOKEN);
  });

  it("travels as authorization of each attempt, and in no other header [D1-61]", async () => {
    const { url, headers, authorization } = await firstRequest({ accessToken: TOKEN });
    expect(authorization).toBe(`Bearer ${TOKEN}`);
    expect(JSON.stringify({ url, headers })).not.toContain(TOKEN);
  });

  it("shows in no inspection, JSON, spread, clone or list of keys of any handle [D1-61]", async () => {
    const { s2 } = createTestClient();
    const basin = s2.basin(BASIN);
    const stream = basin.stream("events");
    const session = await stream.appendSession();
    for (const value of [s2, s2.basins, s2.accessTokens, basin, basin.streams, stream, session]) {
      const shown = [
        inspect(value, { depth: 20, showHidden: true, getters: true }),
        JSON.stringify(value),
        JSON.stringify({ ...value }),
        inspect(structuredClone(value), { depth: 20, showHidden: true }),
        Reflect.ownKeys(value).join(),
        String(value),
      ];
      expect(shown.join("\n")).not.toContain(TOKEN);
    }
  });

  it("shows in no error, its stack and its causes included [D1-61]", async () => {
    const { s2, transport } = createTestClient();
    const outcome = rejection(s2.basins.list());
    answerError(await nextCall(transport), 403, "permission_denied");
    expect(inspect(await outcome, { depth: 20, showHidden: true })).not.toContain(TOKEN);
  });
});

describe("endpoints", () => {
  it("are the service's when nothing is configured, and then basins are told by their host alone [H-21]", async () => {
    expect((await firstRequest({})).url).toBe("https://a.s2.dev/v1/basins");
    const { url, headers } = await firstRequest({}, {}, "basin");
    expect(url).toBe(`https://${BASIN}.b.s2.dev/v1/streams`);
    expect(headers).not.toHaveProperty("s2-basin");
  });

  const spellings: [string, S2ClientOptions, Record<string, string>][] = [
    ["endpoints", { endpoints: { account: "http://localhost:1", basin: "http://localhost:2" } }, {}],
    [
      "the older options",
      { baseUrl: "http://localhost:1/v1", makeBasinBaseUrl: () => "http://localhost:2/v1" },
      {},
    ],
    [
      "the environment",
      {},
      { S2_ACCOUNT_ENDPOINT: "http://localhost:1", S2_BASIN_ENDPOINT: "http://localhost:2" },
    ],
  ];
  it.each(spellings)(
    "can be given by %s, and then s2-basin is sent to the basin's [D1-62, H-21]",
    async (_, options, environment) => {
      const account = await firstRequest(options, environment);
      expect(account.url).toBe("http://localhost:1/v1/basins");
      expect(account.headers).not.toHaveProperty("s2-basin");
      const basin = await firstRequest(options, environment, "basin");
      expect(basin.url).toBe("http://localhost:2/v1/streams");
      expect(basin.headers["s2-basin"]).toBe(BASIN);
    },
  );

  it("by option win over the environment", async () => {
    const { url } = await firstRequest(
      { endpoints: { account: "localhost:1", basin: "localhost:2" } },
      { S2_ACCOUNT_ENDPOINT: "http://elsewhere", S2_BASIN_ENDPOINT: "http://elsewhere" },
    );
    expect(url).toBe("https://localhost:1/v1/basins");
  });

  it.each([
    [{ endpoints: { account: "localhost:1" } }, {}, "endpoints.account"],
    [{ endpoints: { basin: "localhost:1" } }, {}, "endpoints.basin"],
    [{ baseUrl: "http://localhost:1" }, {}, "baseUrl"],
    [{ makeBasinBaseUrl: () => "http://localhost:1" }, {}, "makeBasinBaseUrl"],
    [{}, { S2_ACCOUNT_ENDPOINT: "http://localhost:1" }, "S2_ACCOUNT_ENDPOINT"],
    [{}, { S2_BASIN_ENDPOINT: "http://localhost:1" }, "S2_BASIN_ENDPOINT"],
  ])("are refused when only one is configured: %o %o [H-21]", (options, environment, name) => {
    const error = refusal({ accessToken: TOKEN, ...options }, environment as Record<string, string>);
    expect(error.code).toBe("INVALID_ARGUMENT");
    expect(error.message).toContain(`${name} configures one endpoint only`);
  });

  it.each([
    "https://localhost/v1?region=eu",
    "https://localhost/v1#top",
    "ftp://localhost",
    "https://user:secret@localhost",
    "not a host",
  ])("are refused when they are like %s [D1-63]", (account) => {
    const error = refusal({ endpoints: { account, basin: "localhost:1" } });
    expect(error.code).toBe("INVALID_ARGUMENT");
    expect(error.message).toContain("endpoints.account must");
    expect(error.message).not.toContain("secret");
  });

  it("of a basin are asked for once a handle, not once a request", () => {
    const asked: string[] = [];
    const { s2 } = createTestClient({
      baseUrl: "http://localhost:1",
      makeBasinBaseUrl: (basin) => {
        asked.push(basin);
        return "http://localhost:2";
      },
    });
    const basin = s2.basin(BASIN);
    for (const name of ["a", "b"])
      void basin
        .stream(name)
        .checkTail()
        .catch(() => undefined);
    expect(asked).toEqual([BASIN]);
  });

  it("of a basin are refused where the basin is named, also when a function gives them [D1-63]", () => {
    const make = (makeBasinBaseUrl: () => string): (() => unknown) => {
      const { s2 } = createTestClient({ baseUrl: "http://localhost:1", makeBasinBaseUrl });
      return () => s2.basin(BASIN);
    };
    expect(make(() => "http://localhost/?x=1")).toThrow(/makeBasinBaseUrl.*must have no query/);
    expect(
      make(() => {
        throw new TypeError("no such basin");
      }),
    ).toThrow(S2Error);
  });
});

describe("other options of a client", () => {
  it.each([
    [null, "the options of S2 must be an object; got null"],
    ["token", 'the options of S2 must be an object; got "token"'],
    [{ retry: null }, "retry must be an object; got null"],
    [{ retry: { maxAttempts: 0 } }, "retry.maxAttempts must be an integer of at least 1"],
    [{ retry: { maxAttempts: Number.NaN } }, "retry.maxAttempts must be an integer of at least 1"],
    [{ retry: { maxAttempts: 2.5 } }, "retry.maxAttempts must be an integer of at least 1"],
    [{ retry: { appendRetryPolicy: "some" } }, 'retry.appendRetryPolicy must be "all" or "noSideEffects"'],
    [{ retry: { minBaseDelayMillis: -1 } }, "retry.minBaseDelayMillis must be between 0"],
    [{ retry: { requestTimeoutMillis: 0 } }, "retry.requestTimeoutMillis must be between 1"],
    [{ requestTimeoutMillis: Number.POSITIVE_INFINITY }, "requestTimeoutMillis must be between 1"],
    [{ connectionTimeoutMillis: Number.NaN }, "connectionTimeoutMillis must be between 1"],
    [{ fetch: "fetch" }, 'fetch must be a function; got "fetch"'],
    [{ connect: true }, "connect must be an object; got true"],
    [{ transport: "fetch" }, 'transport must be an object; got "fetch"'],
    [{ transport: { exchange() {} } }, "transport must have openAppend(); got undefined"],
  ])("are refused at construction when they are %o [D1-60]", (options, message) => {
    const given =
      typeof options === "object" && options !== null ? { accessToken: TOKEN, ...options } : options;
    const error = given === options ? refusalOfRaw(given) : refusal(given);
    expect(error.code).toBe("INVALID_ARGUMENT");
    expect(error.message).toContain(message);
  });

  function refusalOfRaw(options: unknown): S2Error {
    try {
      new (createTestClient().s2.constructor as new (options: unknown, runtime: unknown) => unknown)(
        options,
        {},
      );
    } catch (error) {
      return error as S2Error;
    }
    throw new Error("it was accepted");
  }

  it("that name a transport make no built-in one, unless a stream forces it [H-22]", async () => {
    const transport = createScriptedTransport();
    const { s2, made } = createTestClient({ transport });
    const listed = s2.basins.list();
    answerJson(await nextCall(transport), 200, { basins: [], has_more: false });
    await listed;
    expect(made).toEqual([]);
    s2.basin(BASIN).stream("events", { forceTransport: "fetch" });
    expect(made.map(({ kind }) => kind)).toEqual(["fetch"]);
  });

  it("that bring a fetch make the fetch transport the default one, with it [H-22]", () => {
    const fetch = (): Promise<Response> => Promise.reject(new Error("not called"));
    const { made } = createTestClient({ fetch });
    expect(made.map(({ kind, options }) => [kind, options.fetch])).toEqual([["fetch", fetch]]);
  });

  it("that force a transport make it the default one, whatever else is given", () => {
    const { made } = createTestClient({ forceTransport: "fetch" });
    expect(made.map(({ kind }) => kind)).toEqual(["fetch"]);
    const fetch = (): Promise<Response> => Promise.reject(new Error("not called"));
    expect(createTestClient({ forceTransport: "s2s", fetch }).made.map(({ kind }) => kind)).toEqual(["s2s"]);
    expect(() => createTestClient({ forceTransport: "http3" as never })).toThrow(
      'forceTransport must be "fetch" or "s2s"; got "http3"',
    );
  });

  it("for connections reach the built-in transports, the token does not [D1-61, H-22]", () => {
    const connect = { ca: "certificate" };
    const { made } = createTestClient({ connect, connectionTimeoutMillis: 1234 });
    expect(made[0]?.options).toEqual({ connect, connectionTimeoutMillis: 1234, fetch: undefined });
  });

  it("share one transport of a kind among all handles of the client [D1-71]", () => {
    const { s2, made } = createTestClient();
    for (const name of ["one", "two", "three"]) {
      s2.basin(BASIN).stream(name);
      s2.basin(BASIN).stream(name, { forceTransport: "s2s" });
      s2.basin(BASIN).stream(name, { forceTransport: "fetch" });
    }
    expect(made.map(({ kind }) => kind)).toEqual(["s2s", "fetch"]);
  });
});

describe("the user agent", () => {
  const listWith = async (world: { userAgent?: string }): Promise<Readonly<Record<string, string>>> => {
    const { s2, transport } = createTestClient({}, world);
    void s2.basins.list().catch(() => undefined);
    return (await nextCall(transport)).request.headers;
  };

  it("is sent where the runtime lets a client set it, and only there [D1-66]", async () => {
    expect((await listWith({ userAgent: "s2-sdk-typescript/1.2.3" }))["user-agent"]).toBe(
      "s2-sdk-typescript/1.2.3",
    );
    expect(await listWith({})).not.toHaveProperty("user-agent");
  });
});

describe("names", () => {
  it.each([
    "short",
    "Upper-case-1",
    "-begins-with-hyphen",
    "ends-with-hyphen-",
    "has.a.dot.in.it",
    "x".repeat(49),
    "a/../../basins",
    undefined,
  ])("of basins are refused before they become hosts: %s [D1-64]", (name) => {
    const { s2 } = createTestClient();
    expect(() => s2.basin(name as string)).toThrow(/basin must be 8 to 48 bytes/);
  });

  it.each([".", "..", "", "a\0b", "x".repeat(513), "é".repeat(257), 7])(
    "of streams are refused when a path cannot carry them: %o [D2-29]",
    (name) => {
      const { s2, transport } = createTestClient();
      expect(() => s2.basin(BASIN).stream(name as string)).toThrow(/stream must/);
      expect(transport.exchanges).toEqual([]);
    },
  );

  it("of streams may be anything else, and travel percent-encoded [D2-29]", async () => {
    const { s2, transport } = createTestClient();
    void s2
      .basin(BASIN)
      .stream("a/b ?#…/..")
      .checkTail()
      .catch(() => undefined);
    const { request } = await nextCall(transport);
    expect(new URL(request.url).pathname).toBe("/v1/streams/a%2Fb%20%3F%23%E2%80%A6%2F../records/tail");
  });

  it.each(["http", "S2S", "", null])("of transports are refused: %o [D1-60]", (forceTransport) => {
    const { s2 } = createTestClient();
    const options = { forceTransport: forceTransport as "s2s" };
    expect(() => s2.basin(BASIN).stream("events", options)).toThrow(
      'forceTransport must be "fetch" or "s2s"; got',
    );
  });
});

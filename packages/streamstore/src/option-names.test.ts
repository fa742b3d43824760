import { describe, expect, it } from "vitest";
import { BASIN, createTestClient, rejection } from "../test/support.js";
import { S2 } from "./index.node.js";

const client = (options: object) => async () => new S2({ accessToken: "token", ...options });
const handle = (options: object) => async () =>
  new S2({ accessToken: "token" }).basin("test-basin").stream("events", options as never);
/** A handle whose client sends nothing anywhere. */
const stream = () =>
  new S2({ accessToken: "token", transport: createTestClient().transport }).basin(BASIN).stream("events");

const managed = () =>
  new S2({ accessToken: "token", transport: createTestClient().transport }).basin(BASIN).streams;

const managedBasins = () => new S2({ accessToken: "token", transport: createTestClient().transport }).basins;

type Misspelt = readonly [given: string, meant: RegExp, action: () => Promise<unknown>];

const MISSPELT: readonly Misspelt[] = [
  ["acessToken", /did you mean accessToken/, client({ acessToken: "other" })],
  ["baseURL", /baseUrl/, client({ baseURL: "http://localhost" })],
  ["requestTimeout", /requestTimeoutMillis/, client({ requestTimeout: 5 })],
  ["requestTimeoutMs", /requestTimeoutMillis/, client({ requestTimeoutMs: 5 })],
  ["connectTimeoutMillis", /connectionTimeoutMillis/, client({ connectTimeoutMillis: 5 })],
  ["retry.maxAttempt", /retry\.maxAttempts/, client({ retry: { maxAttempt: 1 } })],
  ["retry.minBaseDelay", /retry\.minBaseDelayMillis/, client({ retry: { minBaseDelay: 1 } })],
  ["endpoints.acount", /endpoints\.account/, client({ endpoints: { acount: "a", basin: "b" } })],
  ["http2.maxStreams", /http2\.maxStreamsPerConnection/, client({ http2: { maxStreams: 1 } })],
  ["forcetransport", /forceTransport/, handle({ forcetransport: "fetch" })],
  ["encryptionkey", /encryptionKey/, handle({ encryptionkey: 5 })],
  ["exactlyonce", /exactlyOnce/, () => stream().appendSession({ exactlyonce: true } as never)],
  ["maxInflightByte", /maxInflightBytes/, () => stream().appendSession({ maxInflightByte: 5 } as never)],
  [
    "exactlyOnce.marker",
    /exactlyOnce\.markerHeader/,
    () => stream().appendSession({ exactlyOnce: { marker: "_s" } } as never),
  ],
  [
    "retry.maxAttempt",
    /retry\.maxAttempts/,
    () => stream().readSession({}, { retry: { maxAttempt: 1 } } as never),
  ],
  ["seqnum", /seq_num/, () => stream().read({ seqnum: 0 } as never)],
  ["waitSecs", /wait/, () => stream().readSession({ waitSecs: 1 } as never)],
  ["matchseqnum", /match_seq_num/, () => stream().append({ body: "" }, { matchseqnum: 0 } as never)],
  ["loger", /did you mean logger/, client({ loger: console })],
  [
    "ignorenotfound",
    /ignoreNotFound/,
    () => new S2({ accessToken: "token" }).basins.delete({ basin: BASIN }, { ignorenotfound: true } as never),
  ],
  [
    "include_deleted",
    /it is called includeDeleted/,
    () =>
      managed()
        .listAll({ include_deleted: true } as never)
        .next(),
  ],
  ["deadline", /deadlineMillis/, () => stream().checkTail({ deadline: 5 } as never)],
];

const MISPLACED: readonly Misspelt[] = [
  ["signal", /options of the call/, () => stream().read({ signal: AbortSignal.abort() } as never)],
  [
    "signal",
    /options of the call/,
    () => stream().append({ body: "" }, { signal: AbortSignal.abort() } as never),
  ],
  ["signal", /options of the call/, () => stream().appendSession({ signal: AbortSignal.abort() } as never)],
  ["as", /first argument/, () => stream().readSession({ seq_num: 0 }, { as: "bytes" } as never)],
  ["retry", /client, or to a session/, () => stream().checkTail({ retry: { maxAttempts: 1 } } as never)],
  ["retry", /client, or to a session/, () => stream().append({ body: "" }, {}, { retry: {} } as never)],
  ["retry", /first argument/, () => stream().appendSession({}, { retry: { maxAttempts: 1 } } as never)],
  ["deadlineMillis", /signal/, () => stream().readSession({}, { deadlineMillis: 5 } as never)],
  ["deadlineMillis", /signal/, () => stream().appendSession({}, { deadlineMillis: 5 } as never)],
  ["signal", /options of the call/, () => managed().list({ signal: AbortSignal.abort() } as never)],
  [
    "ignoreNotFound",
    /options of the call/,
    () => managed().delete({ stream: "s", ignoreNotFound: true } as never),
  ],
  [
    "retention_policy",
    /into config/,
    () => managed().ensure({ stream: "s", retention_policy: { age: 1 } } as never),
  ],
  ["deleteOnEmpty", /into config/, () => managed().create({ stream: "s", deleteOnEmpty: {} } as never)],
  ["config", /beside the name/, () => managed().reconfigure({ stream: "s", config: {} } as never)],
  [
    "streamCipher",
    /into config/,
    () =>
      new S2({ accessToken: "token" }).basins.create({ basin: BASIN, streamCipher: "aegis-256" } as never),
  ],
  ["includeDeleted", /listAll has it/, () => managed().list({ includeDeleted: true } as never)],
  ["include_deleted", /listAll has it/, () => managed().list({ include_deleted: true } as never)],
  ["from", /tail_offset says where a read starts/, () => stream().readSession({ from: 0 } as never)],
  ["offset", /tail_offset says where a read starts/, () => stream().read({ offset: 0 } as never)],
  ["limit", /it is called count/, () => stream().read({ seq_num: 0, limit: 1 } as never)],
  ["start", /camel/, () => stream().read({ start: { from: { seqNum: 0 } } } as never)],
];

describe("an option that is misspelt", () => {
  it.each(MISSPELT)(
    "is refused before anything is sent, with what was meant: %s",
    async (given, meant, action) => {
      const error = (await rejection(action())) as Error;
      expect(error).toMatchObject({ code: "INVALID_ARGUMENT", sideEffect: "none", attempts: 0 });
      expect(error.message).toContain(`${given} is not an option`);
      expect(error.message).toMatch(meant);
    },
  );

  it.each(MISPLACED)(
    "or misplaced is refused, with the place where it belongs: %s",
    async (given, place, action) => {
      const error = (await rejection(action())) as Error;
      expect(error.message).toContain(`${given} is not an option`);
      expect(error.message).toMatch(place);
    },
  );
});

describe("an option that resembles none", () => {
  it("passes: a later version may know it, and a program may keep things of its own there", async () => {
    const own = { debug: true, http3: undefined, region: "eu", name: "mine" };
    await using s2 = new S2({ accessToken: "token", ...own, retry: { jitter: "full" } } as never);
    const events = s2.basin("test-basin").stream("events", own as never);
    await (await events.appendSession({ ...own, compress: true } as never)).close();
  });

  it("passes under an older name", async () => {
    await using s2 = new S2({
      accessToken: "token",
      baseUrl: "http://localhost/v1",
      makeBasinBaseUrl: () => "http://localhost/v1",
      retry: { retryBackoffDurationMillis: 5, requestTimeoutMillis: 5 },
    });
    expect(s2).toBeInstanceOf(S2);
  });
});

describe("an option that cannot be read", () => {
  const cause = new Error("revoked");
  const throwing = <T extends object>(name: string, options: T = {} as T): T =>
    Object.defineProperty(options, name, {
      enumerable: true,
      get() {
        throw cause;
      },
    });

  it.each<Misspelt>([
    [
      "a signal",
      /^signal of a call could not be read: revoked$/,
      () => stream().checkTail(throwing("signal")),
    ],
    ["a start", /^seq_num of a read could/, () => stream().read(throwing("seq_num"))],
    [
      "a place",
      /^match_seq_num of an append could/,
      () => stream().append({ body: "" }, throwing("match_seq_num")),
    ],
    ["a delay", /^retry\.maxAttempts of /, () => stream().appendSession({ retry: throwing("maxAttempts") })],
    ["a name", /^basin of create_basin could/, () => managedBasins().create(throwing("basin") as never)],
    [
      "names",
      /^the names of a call/,
      () =>
        stream().checkTail(
          new Proxy(
            {},
            {
              ownKeys: () => {
                throw cause;
              },
            },
          ),
        ),
    ],
    ["a record", /^records could not be read: revoked$/, () => stream().append(throwing("body"))],
  ])("is refused by name, with what was thrown as its cause: %s", async (_, message, action) => {
    expect(await rejection(action())).toMatchObject({
      code: "INVALID_ARGUMENT",
      sideEffect: "none",
      message: expect.stringMatching(message),
      cause,
    });
  });
});

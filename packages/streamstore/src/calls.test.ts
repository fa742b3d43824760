import { S2Error } from "@s2-dev/streamstore-core";
import { flushMicrotasks } from "@s2-dev/streamstore-core/testing";
import { describe, expect, it } from "vitest";
import {
  answerError,
  answerJson,
  BASIN,
  createTestClient,
  jsonBodyOf,
  nextCall,
  rejection,
} from "../test/support.js";
import { randomToken } from "./random-token.js";
import type { S2Client } from "./s2.js";

type Call = (s2: S2Client, options?: { signal?: AbortSignal }) => Promise<unknown>;

/** Every call with arguments, and the request it makes; `basin` marks those of the basin's endpoint. */
const CALLS: [name: string, call: Call, request: string, body?: unknown][] = [
  ["basins.list", (s2, o) => s2.basins.list({ prefix: "a", limit: 2 }, o), "GET a /basins?prefix=a&limit=2"],
  [
    "basins.create",
    (s2, o) => s2.basins.create({ basin: "new-basin", scope: "aws:us-east-1" }, o),
    "POST a /basins",
    { basin: "new-basin", location: "aws:us-east-1" },
  ],
  [
    "basins.ensure",
    (s2, o) => s2.basins.ensure({ basin: "new-basin", location: "aws:us-east-1" }, o),
    "PUT a /basins/new-basin",
    { location: "aws:us-east-1" },
  ],
  ["basins.getConfig", (s2, o) => s2.basins.getConfig({ basin: "new-basin" }, o), "GET a /basins/new-basin"],
  ["basins.delete", (s2, o) => s2.basins.delete({ basin: "new-basin" }, o), "DELETE a /basins/new-basin"],
  [
    "basins.reconfigure",
    (s2, o) => s2.basins.reconfigure({ basin: "new-basin", create_stream_on_append: true }, o),
    "PATCH a /basins/new-basin",
    { create_stream_on_append: true },
  ],
  ["accessTokens.list", (s2, o) => s2.accessTokens.list({}, o), "GET a /access-tokens"],
  [
    "accessTokens.issue",
    (s2, o) => s2.accessTokens.issue({ id: "reader", scope: {} }, o),
    "POST a /access-tokens",
    { id: "reader", scope: {} },
  ],
  [
    "accessTokens.revoke",
    (s2, o) => s2.accessTokens.revoke({ id: "reader" }, o),
    "DELETE a /access-tokens/reader",
  ],
  ["locations.list", (s2, o) => s2.locations.list(o), "GET a /locations"],
  ["locations.getDefault", (s2, o) => s2.locations.getDefault(o), "GET a /locations/default"],
  [
    "locations.setDefault",
    (s2, o) => s2.locations.setDefault({ location: "aws:us-east-1" }, o),
    "PUT a /locations/default",
    "aws:us-east-1",
  ],
  [
    "metrics.account",
    (s2, o) => s2.metrics.account({ set: "active-basins" }, o),
    "GET a /metrics?set=active-basins",
  ],
  [
    "metrics.basin",
    (s2, o) => s2.metrics.basin({ basin: "new-basin", set: "storage", start: 0, end: 60 }, o),
    "GET a /metrics/new-basin?set=storage&start=0&end=60",
  ],
  [
    "metrics.stream",
    (s2, o) => s2.metrics.stream({ basin: "new-basin", stream: "events", set: "storage" }, o),
    "GET a /metrics/new-basin/events?set=storage",
  ],
  [
    "streams.list",
    (s2, o) => s2.basin(BASIN).streams.list({ start_after: "a" }, o),
    "GET b /streams?start_after=a",
  ],
  [
    "streams.create",
    (s2, o) => s2.basin(BASIN).streams.create({ stream: "events" }, o),
    "POST b /streams",
    { stream: "events" },
  ],
  [
    "streams.ensure",
    (s2, o) => s2.basin(BASIN).streams.ensure({ stream: "events", config: { storage_class: "express" } }, o),
    "PUT b /streams/events",
    { storage_class: "express" },
  ],
  [
    "streams.getConfig",
    (s2, o) => s2.basin(BASIN).streams.getConfig({ stream: "events" }, o),
    "GET b /streams/events",
  ],
  [
    "streams.delete",
    (s2, o) => s2.basin(BASIN).streams.delete({ stream: "events" }, o),
    "DELETE b /streams/events",
  ],
  [
    "streams.reconfigure",
    (s2, o) => s2.basin(BASIN).streams.reconfigure({ stream: "events", retention_policy: { age: 60 } }, o),
    "PATCH b /streams/events",
    { retention_policy: { age: 60 } },
  ],
  [
    "checkTail",
    (s2, o) => s2.basin(BASIN).stream("events").checkTail(o),
    "GET b /streams/events/records/tail",
  ],
  [
    "read",
    (s2, o) => s2.basin(BASIN).stream("events").read({ seq_num: 0, clamp: true }, o),
    "GET b /streams/events/records?seq_num=0&clamp=true",
  ],
  [
    "append",
    (s2, o) => s2.basin(BASIN).stream("events").append({ body: "x" }, {}, o),
    "POST b /streams/events/records",
  ],
];

const ENDPOINTS = { account: "http://account:1", basin: "http://basin:2" };

async function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error);
}

describe.each(CALLS)("%s", (_, call, request, body) => {
  it("makes one request, to the endpoint it belongs to", async () => {
    const { s2, transport } = createTestClient({ endpoints: ENDPOINTS });
    const done = outcome(call(s2));
    const { request: sent } = await nextCall(transport);
    const [method, endpoint, path] = request.split(" ");
    expect(`${sent.method} ${sent.url}`).toBe(
      `${method} ${endpoint === "a" ? "http://account:1" : "http://basin:2"}/v1${path}`,
    );
    expect(sent.headers["s2-basin"]).toBe(endpoint === "a" ? undefined : BASIN);
    if (body !== undefined) expect(jsonBodyOf(sent)).toEqual(body);
    answerError(transport.exchanged(), 404, "basin_not_found");
    await done;
    expect(transport.exchanges).toHaveLength(1);
  });

  it("rejects with the signal's reason as cause, and makes no request when the signal is aborted already [H-2]", async () => {
    const { s2, transport } = createTestClient({ endpoints: ENDPOINTS });
    const reason = new Error("changed my mind");
    const early = await rejection(call(s2, { signal: AbortSignal.abort(reason) }));
    expect(early).toMatchObject({ code: "ABORTED", status: 499, cause: reason, sideEffect: "none" });
    expect(transport.exchanges).toEqual([]);

    const controller = new AbortController();
    const late = rejection(call(s2, { signal: controller.signal }));
    const { options } = await nextCall(transport);
    controller.abort(reason);
    expect(await late).toMatchObject({ code: "ABORTED", status: 499, cause: reason });
    expect(options.signal.aborted).toBe(true);
    expect(transport.exchanges).toHaveLength(1);
  });

  it("rejects for options that are none, without a request", async () => {
    const { s2, transport } = createTestClient({ endpoints: ENDPOINTS });
    for (const options of [{ signal: {} }, null, 5] as unknown as { signal: AbortSignal }[]) {
      expect(await rejection(call(s2, options))).toMatchObject({
        code: "INVALID_ARGUMENT",
        sideEffect: "none",
      });
    }
    expect(transport.exchanges).toEqual([]);
  });
});

describe("a listing of access tokens", () => {
  it("always says whether they prefix streams [D1-54]", async () => {
    const { s2, transport } = createTestClient();
    const listed = s2.accessTokens.list();
    const tokens = [
      { id: "older", scope: {} },
      { id: "newer", scope: {}, auto_prefix_streams: true },
    ];
    answerJson(await nextCall(transport), 200, { access_tokens: tokens, has_more: false });
    expect((await listed).access_tokens.map((token) => token.auto_prefix_streams)).toEqual([false, true]);
  });
});

describe("a create", () => {
  it("keeps its request token through its retries, and takes a new one for another call", async () => {
    const { s2, transport, clock } = createTestClient();
    const created = s2.basin(BASIN).streams.create({ stream: "events" });
    answerError(await nextCall(transport), 503, "unavailable");
    await clock.advance(100);
    answerJson(await nextCall(transport), 201, { name: "events", created_at: "2026-01-01T00:00:00Z" });
    await created;
    const tokens = transport.exchanges.map(({ request }) => request.headers["s2-request-token"]);
    expect(tokens[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(tokens).toEqual([tokens[0], tokens[0]]);

    void s2
      .basin(BASIN)
      .streams.create({ stream: "events" })
      .catch(() => undefined);
    expect((await nextCall(transport)).request.headers["s2-request-token"]).not.toBe(tokens[0]);
  });

  it("takes a request token of the caller's own, for basins and streams, and for nothing else", async () => {
    const { s2, transport } = createTestClient();
    const requestToken = randomToken();
    const created = [
      s2.basins.create({ basin: "new-basin" }, { requestToken }),
      s2.basin(BASIN).streams.create({ stream: "events" }, { requestToken }),
    ];
    await nextCall(transport);
    for (const call of transport.exchanges) {
      expect(call.request.headers["s2-request-token"]).toBe(requestToken);
      answerJson(call, 201, { name: "events", created_at: "2026-01-01T00:00:00Z" });
    }
    await Promise.all(created);
    void s2.basins.list().catch(() => undefined);
    expect((await nextCall(transport)).request.headers).not.toHaveProperty("s2-request-token");
    const long = s2.basins.create({ basin: "new-basin" }, { requestToken: "x".repeat(37) });
    expect(await rejection(long)).toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(/36/),
    });
  });
});

const lost = (): S2Error => new S2Error({ message: "the connection broke", code: "CONNECTION_LOST" });
const refused = (): S2Error => new S2Error({ message: "nobody listens", code: "CONNECT_FAILED" });

describe("a delete", () => {
  it("that finds nothing after an attempt that may have landed has succeeded", async () => {
    const { s2, transport, clock } = createTestClient();
    const deleted = s2.basins.delete({ basin: BASIN });
    (await nextCall(transport)).fail(lost());
    await clock.advance(100);
    answerError(await nextCall(transport), 404, "basin_not_found");
    await expect(deleted).resolves.toBeUndefined();
    expect(transport.exchanges).toHaveLength(2);
  });

  it("that finds nothing has succeeded if that is asked for, whatever it deletes", async () => {
    const { s2, transport } = createTestClient();
    const deletes: [code: string, call: (options: { ignoreNotFound: boolean }) => Promise<void>][] = [
      ["basin_not_found", (options) => s2.basins.delete({ basin: BASIN }, options)],
      ["stream_not_found", (options) => s2.basin(BASIN).streams.delete({ stream: "events" }, options)],
      ["access_token_not_found", (options) => s2.accessTokens.revoke({ id: "reader" }, options)],
    ];
    for (const [code, call] of deletes) {
      const deleted = call({ ignoreNotFound: true });
      answerError(await nextCall(transport), 404, code);
      await expect(deleted).resolves.toBeUndefined();
      const refused = rejection(call({ ignoreNotFound: false }));
      answerError(await nextCall(transport), 404, code);
      expect(await refused).toMatchObject({ code, status: 404 });
    }
  });

  it("that is answered by who knows nothing of the service has failed, even so", async () => {
    const { s2, transport } = createTestClient();
    const deleted = rejection(s2.basins.delete({ basin: BASIN }, { ignoreNotFound: true }));
    (await nextCall(transport)).answer({ status: 404, headers: {}, body: new Uint8Array(0) });
    expect(await deleted).toMatchObject({ status: 404 });
    const denied = rejection(s2.basins.delete({ basin: BASIN }, { ignoreNotFound: true }));
    answerError(await nextCall(transport), 403, "permission_denied");
    expect(await denied).toMatchObject({ code: "permission_denied" });
  });

  it.each([
    ["at the first attempt", []],
    ["after attempts that did not reach the server", [refused]],
  ])("that finds nothing %s has failed", async (_, failures) => {
    const { s2, transport, clock } = createTestClient();
    const deleted = rejection(s2.basin(BASIN).streams.delete({ stream: "events" }));
    for (const failure of failures) {
      (await nextCall(transport)).fail(failure());
      await clock.advance(100);
    }
    answerError(await nextCall(transport), 404, "stream_not_found");
    expect(await deleted).toMatchObject({
      code: "stream_not_found",
      attempts: failures.length + 1,
      sideEffect: "none",
    });
  });
});

describe("a call", () => {
  it("is tried three times when nothing else is said, and exactly so often when it is", async () => {
    for (const [retry, attempts] of [
      [undefined, 3],
      [{ maxAttempts: 1 }, 1],
      [{ maxAttempts: 5 }, 5],
    ] as const) {
      const { s2, transport, clock } = createTestClient({ retry });
      const failed = rejection(s2.basins.list());
      for (let attempt = 1; attempt <= attempts; attempt += 1) {
        (await nextCall(transport)).fail(refused());
        await clock.advance(1000);
      }
      expect(await failed).toMatchObject({ code: "CONNECT_FAILED", attempts });
      expect(transport.exchanges).toHaveLength(attempts);
    }
  });

  it("that is not answered in time is given up, and its request with it", async () => {
    const { s2, transport, clock } = createTestClient({
      requestTimeoutMillis: 700,
      retry: { maxAttempts: 1 },
    });
    const failed = rejection(s2.basins.list());
    const { options } = await nextCall(transport);
    await clock.advance(700);
    await clock.turn();
    expect(await failed).toMatchObject({ code: "REQUEST_TIMEOUT", status: 408 });
    expect(options.signal.aborted).toBe(true);
  });

  it("that is wrong in itself rejects instead of throwing, naming the field, and sends nothing [D1-60]", async () => {
    const { s2, transport } = createTestClient();
    const { streams } = s2.basin(BASIN);
    const wrong: [() => Promise<unknown>, RegExp][] = [
      [() => s2.basins.create({ basin: "Nope" }), /basin must be 8 to 48 bytes.*got "Nope"/],
      [() => s2.basins.create(undefined as never), /the argument of create_basin must be/],
      [() => s2.basins.list({ limit: Number.NaN }), /limit must be/],
      [() => s2.basins.list({ prefix: 5 as never }), /prefix must be/],
      [
        () => s2.basins.create({ basin: "new-basin", scope: "one", location: "two" }),
        /scope must equal location/,
      ],
      [() => streams.create({ stream: "." }), /stream must not be "." or ".."/],
      [() => streams.create({ stream: "s", config: { retention_policy: { age: 2 ** 53 } } }), /age/],
      [() => s2.metrics.account({ set: "active-basins", start: -1 }), /start must be/],
      [() => s2.accessTokens.issue({ id: "", scope: {} }), /id must be/],
    ];
    for (const [call, message] of wrong) {
      const error = await rejection(call());
      expect(error).toMatchObject({
        code: "INVALID_ARGUMENT",
        status: 400,
        origin: "sdk",
        sideEffect: "none",
      });
      expect((error as S2Error).message).toMatch(message);
    }
    expect(transport.exchanges).toEqual([]);
  });

  it("waits out a backoff only until its signal is aborted", async () => {
    const { s2, transport, clock } = createTestClient();
    const controller = new AbortController();
    const failed = rejection(s2.basins.list({}, { signal: controller.signal }));
    (await nextCall(transport)).fail(lost());
    await flushMicrotasks();
    controller.abort("enough");
    expect(await failed).toMatchObject({ code: "ABORTED", cause: "enough" });
    await flushMicrotasks();
    expect(clock.pending).toEqual([]);
    expect(transport.exchanges).toHaveLength(1);
  });

  it("ends with its last failure when all attempts together take too long [D2-22]", async () => {
    const { s2, transport, clock } = createTestClient({ retry: { maxAttempts: "unlimited" } });
    const failed = rejection(s2.basins.list({}, { deadlineMillis: 250 }));
    (await nextCall(transport)).fail(lost());
    await clock.advance(200);
    (await nextCall(transport)).fail(lost());
    expect(await failed).toMatchObject({ code: "CONNECTION_LOST", attempts: 2, sideEffect: "none" });
    expect(clock.pending).toEqual([]);
  });

  it("refuses a deadline that is none", async () => {
    const { s2, transport } = createTestClient();
    const error = await rejection(s2.basins.list({}, { deadlineMillis: 0 }));
    expect((error as S2Error).message).toMatch(/deadlineMillis must be .* above 0; got 0/);
    expect(transport.exchanges).toEqual([]);
  });
});

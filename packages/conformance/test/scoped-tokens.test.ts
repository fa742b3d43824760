import { AppendRecord, type S2, type S2Stream } from "@s2-dev/streamstore";
import { acquireLease } from "@s2-dev/streamstore-patterns/lease";
import { collect } from "@s2-dev/streamstore-patterns/reading";
import {
  issueReaderToken,
  issueWriterToken,
  type ReaderTokenArgs,
  type ScopedToken,
  type WriterTokenArgs,
} from "@s2-dev/streamstore-patterns/tokens";
import { appendAll } from "@s2-dev/streamstore-patterns/writing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expectServerError } from "../src/expecting.js";
import { type GuardedServer, ROOT, startGuarded } from "../src/guarded-server.js";

const BASIN = "tenants-basin";
const MINUTE = 60_000;

let server: GuardedServer;
beforeEach(async () => {
  const basins = [{ name: BASIN, streams: [{ name: "users/7/chat" }, { name: "users/8/chat" }] }];
  server = await startGuarded({ basins });
});
afterEach(() => server.close());

const connect = (accessToken: string): S2 => server.connect(accessToken);

describe.each(["fetch", "s2s"] as const)("over %s, a token", (forceTransport) => {
  const some = () => ({
    ...{ basin: BASIN, stream: { prefix: "users/7/" }, expiresInMillis: MINUTE },
    now: () => server.local.service.clock.epoch(),
  });
  const reader = (more: Partial<ReaderTokenArgs> = {}) =>
    issueReaderToken(connect(ROOT).accessTokens, { ...some(), ...more });
  const writer = (more: Partial<WriterTokenArgs> = {}) =>
    issueWriterToken(connect(ROOT).accessTokens, { ...some(), ...more });
  const streamOf = (token: ScopedToken | string, name = "users/7/chat"): S2Stream =>
    connect(typeof token === "string" ? token : token.reveal())
      .basin(BASIN)
      .stream(name, { forceTransport });
  const refused = (promise: Promise<unknown>) => expectServerError(promise, "permission_denied", 403);

  test("for a reader reads and follows its streams, and does nothing else", async () => {
    await streamOf("root").append({ body: "hello" });
    const own = streamOf(await reader());
    expect(await collect(own)).toMatchObject([{ body: "hello" }]);
    expect((await own.checkTail()).tail.seq_num).toBe(1);
    await refused(own.append({ body: "x" }));
    await refused(collect(streamOf(await reader(), "users/8/chat")));
    await refused(
      connect((await reader()).reveal())
        .basin(BASIN)
        .streams.list({ prefix: "users/7/" }),
    );
    const listing = connect((await reader({ list: true })).reveal());
    const { streams } = await listing.basin(BASIN).streams.list({ prefix: "users/7/" });
    expect(streams.map(({ name }) => name)).toEqual(["users/7/chat"]);
  });

  test("for one stream reaches only that, and one with a prefix of its own does not see it", async () => {
    const exact = streamOf(await reader({ stream: "users/8/chat" }), "users/8/chat");
    expect(await collect(exact)).toEqual([]);
    await refused(collect(streamOf(await reader({ stream: "users/8/chat" }))));
    await appendAll(streamOf(await writer({ autoPrefix: true }), "chat"), [{ body: "hello" }]);
    expect(await collect(streamOf("root"))).toMatchObject([{ body: "hello" }]);
  });

  test("for a writer appends, and fences, trims, reads or creates only if it was given that", async () => {
    const plain = streamOf(await writer());
    await plain.append({ body: "a" });
    await refused(plain.append(AppendRecord.fence("mine")));
    await refused(plain.append(AppendRecord.trim(1)));
    await refused(collect(plain));
    await refused(
      connect((await writer()).reveal())
        .basin(BASIN)
        .streams.create({ stream: "users/7/new" }),
    );
    await streamOf(await writer({ trim: true })).append(AppendRecord.trim(1));
    // A lease reads what it may, and finds out otherwise what it may not.
    for (const read of [true, false]) {
      const leasing = await acquireLease(streamOf(await writer({ read, fence: true })), { ttlMillis: 9000 });
      await leasing.append({ body: "b" });
      const other = acquireLease(streamOf(await writer({ read, fence: true })));
      await expect(other).rejects.toMatchObject({ code: "LEASE_HELD" });
      await leasing.release();
    }
    const once = streamOf(await writer({ read: true }));
    await appendAll(once, [{ body: "c" }], { session: { exactlyOnce: true } });
    const creating = connect((await writer({ create: true })).reveal());
    await creating.basin(BASIN).streams.create({ stream: "users/7/new" });
  });

  test("ends with its time", async () => {
    const own = streamOf(await reader());
    await own.checkTail();
    await server.clock.advance(MINUTE + 1);
    await expectServerError(own.checkTail(), "authn", 401);
  });
});

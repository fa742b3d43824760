import type * as published from "published-streamstore";

/** What a program notes down; equal from both packages. */
type Log = (label: string, value?: unknown) => void;

type Common = typeof published;

/**
 * Programs for the published package, by the module they are given. The `tsconfig.json` beside them puts the bridge in
 * the package's place, so that the compiler checks them against both.
 */
export type Programs = Readonly<
  Record<string, (sdk: Common, origin: string, basin: string, log: Log, over: Over) => Promise<void>>
>;

/** The transport that its streams force; none: the runtime's default. */
export interface Over {
  readonly forceTransport?: "fetch" | "s2s";
}

const client = (sdk: Common, origin: string) =>
  new sdk.S2({ accessToken: "token", endpoints: { account: origin, basin: origin } });

export const programs = {
  async appending(sdk, origin, basinName, log, over) {
    const { AppendInput, AppendRecord } = sdk;
    const s2 = client(sdk, origin);
    await s2.basins.create({ basin: basinName });
    const basin = s2.basin(basinName);
    await basin.streams.create({ stream: "s", config: { timestamping: { uncapped: true } } });
    const stream = basin.stream("s", over);
    const first = await stream.append(
      AppendInput.create(
        [
          AppendRecord.string({
            body: "one",
            headers: [
              ["a", "1"],
              ["a", "2"],
            ],
            timestamp: new Date(1000),
          }),
          AppendRecord.bytes({
            body: Uint8Array.of(1, 2),
            headers: [["b", Uint8Array.of(65)]],
            timestamp: 2000,
          }),
        ],
        { matchSeqNum: 0 },
      ),
    );
    log("first", first);
    await stream.append(AppendInput.create([AppendRecord.fence("mine", 3000)]));
    const fenced = AppendInput.create([AppendRecord.string({ body: "x", timestamp: 4000 })], {
      fencingToken: "mine",
    });
    log("size", fenced.meteredBytes);
    log("fenced", await stream.append(fenced));
    const read = await stream.read({ start: { from: { seqNum: 0 } }, ignoreCommandRecords: true });
    log("read", read.records);
    const bytes = await stream.read({ start: { from: { tailOffset: 2 } } }, { as: "bytes" });
    log(
      "bytes",
      bytes.records.map(({ seqNum, body, headers }) => [seqNum, body.length, headers.length]),
    );
    log(
      "by time",
      (await stream.read({ start: { from: { timestamp: new Date(2000) } }, stop: { limits: { count: 1 } } }))
        .records,
    );
    log("tail", await stream.checkTail());
    await stream.close();
  },

  async producing(sdk, origin, basinName, log, over) {
    const { AppendRecord, BatchTransform, Producer } = sdk;
    const s2 = client(sdk, origin);
    await s2.basins.create({ basin: basinName, config: { createStreamOnAppend: true } });
    const stream = s2.basin(basinName).stream("p", over);
    const producer = new Producer(
      new BatchTransform({ lingerDurationMillis: 5, maxBatchRecords: 10, matchSeqNum: 0 }),
      await stream.appendSession({ maxInflightBytes: 1 << 20 }),
    );
    const tickets = [];
    for (let n = 0; n < 25; n += 1)
      tickets.push(await producer.submit(AppendRecord.string({ body: `${n}` })));
    await producer.flush();
    const acks = await Promise.all(tickets.map((ticket) => ticket.ack()));
    log(
      "numbers",
      acks.map((ack) => ack.seqNum()),
    );
    log("full batch", [acks[3]?.index, acks[3]?.batchAppendAck().end.seqNum]);
    await producer.close();
    const read = await stream.read({ start: { from: { seqNum: 0 } } });
    log(
      "bodies",
      read.records.map(({ body }) => body),
    );
  },

  async managing(sdk, origin, basinName, log) {
    const s2 = client(sdk, origin);
    const ensured = await s2.basins.ensure({
      basin: basinName,
      config: { defaultStreamConfig: { retentionPolicy: { ageSecs: 86_400 } } },
    });
    log("ensured", [ensured.result, ensured.basin.name, ensured.basin.createdAt instanceof Date]);
    log("config", (await s2.basins.getConfig({ basin: basinName })).defaultStreamConfig?.retentionPolicy);
    const changed = await s2.basins.reconfigure({ basin: basinName, createStreamOnRead: true });
    log("changed", changed.createStreamOnRead);
    const { streams } = s2.basin(basinName);
    for (const stream of ["a", "b", "c"]) await streams.create({ stream });
    log(
      "again",
      (await streams.ensure({ stream: "a", config: { retentionPolicy: { infinite: {} } } })).result,
    );
    log(
      "stream",
      (await streams.reconfigure({ stream: "b", deleteOnEmpty: { minAgeSecs: 60 } })).deleteOnEmpty,
    );
    const page = await streams.list({ limit: 2 });
    log("page", [page.streams.map(({ name }) => name), page.hasMore]);
    await streams.delete({ stream: "c" });
    const names: string[] = [];
    for await (const { name } of streams.listAll({ limit: 1 })) names.push(name);
    log("all", names);
    const pages = sdk.paginate(
      async ({ startAfter }: { startAfter?: string }) => ({
        items: startAfter === undefined ? ["x", "y"] : [`after ${startAfter}`],
        hasMore: startAfter === undefined,
      }),
      {},
      (item: string) => item,
    );
    for await (const item of pages) log("item", item);
  },

  async tailing(sdk, origin, basinName, log, over) {
    const { AppendInput, AppendRecord } = sdk;
    const s2 = client(sdk, origin);
    await s2.basins.create({ basin: basinName, config: { createStreamOnAppend: true } });
    const stream = s2.basin(basinName).stream("t", over);
    const append = (body: string) => stream.append(AppendInput.create([AppendRecord.string({ body })]));
    await append("one");
    await append("two");
    const live = await stream.readSession({ start: { from: { seqNum: 0 } } });
    log("is a stream", live instanceof ReadableStream);
    const bodies: string[] = [];
    for await (const record of live) {
      bodies.push(record.body);
      if (bodies.length === 2) await append("three");
      if (bodies.length === 3) break;
    }
    const next = live.nextReadPosition();
    log("live", [bodies, next?.seqNum, next?.timestamp instanceof Date]);
    await append("four");
    const resumed = await stream.readSession({
      start: { from: { seqNum: next?.seqNum ?? 0 } },
      stop: { limits: { count: 1 } },
    });
    for await (const record of resumed) log("resumed", [record.seqNum, record.body]);
    const follower = await stream.readSession({ start: { from: { tailOffset: 1 } } });
    const caughtUp = follower.caughtUp();
    const reader = follower.getReader();
    const { value } = await reader.read();
    const pending = reader.read();
    log("caught up", [value?.body, (await caughtUp).seqNum, follower.isCaughtUp()]);
    await append("five");
    log("then", (await pending).value?.body);
    await reader.cancel();
    await stream.close();
  },

  async piping(sdk, origin, basinName, log, over) {
    const { AppendInput, AppendRecord, BatchTransform, S2Error } = sdk;
    const s2 = client(sdk, origin);
    await s2.basins.create({ basin: basinName, config: { createStreamOnAppend: true } });
    const stream = s2.basin(basinName).stream("pipe", over);
    const session = await stream.appendSession();
    const acked: number[] = [];
    const reading = (async () => {
      for await (const ack of session.acks()) acked.push(ack.end.seqNum);
    })();
    const source = new ReadableStream<ReturnType<typeof AppendRecord.string>>({
      start(controller) {
        for (let n = 0; n < 7; n += 1)
          controller.enqueue(AppendRecord.string({ body: `${n}`, timestamp: new Date(n) }));
        controller.close();
      },
    });
    await source.pipeThrough(new BatchTransform({ maxBatchRecords: 3 })).pipeTo(session.writable);
    await reading;
    log("acked", acked);
    log("last", session.lastAckedPosition()?.end.seqNum);
    const one = (options?: Parameters<typeof AppendInput.create>[1]) =>
      AppendInput.create([AppendRecord.string({ body: "x" })], options);
    const failing = async (label: string, action: () => Promise<unknown>) => {
      const error: unknown = await action().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (!(error instanceof S2Error)) throw new Error(`${label} gave no S2Error`);
      log(label, [error.name, error.status]);
      if (error instanceof sdk.SeqNumMismatchError) log("expected", error.expectedSeqNum);
      if (error instanceof sdk.FencingTokenMismatchError) log("token", error.expectedFencingToken);
      if (error instanceof sdk.RangeNotSatisfiableError)
        log("tail", [error.tail?.seqNum, error.tail?.timestamp instanceof Date]);
    };
    await failing("seqNum", () => stream.append(one({ matchSeqNum: 3 })));
    await failing("fence", () => stream.append(one({ fencingToken: "nobody" })));
    await failing("range", () => stream.read({ start: { from: { seqNum: 99 } } }));
    await failing("missing", () => s2.basin(basinName).streams.getConfig({ stream: "nowhere" }));
    const conditional = await stream.appendSession();
    await failing("ticket", async () => (await conditional.submit(one({ matchSeqNum: 3 }))).ack());
    log("cause", conditional.failureCause()?.status);
    await stream.withEncryptionKey(new Uint8Array(32)).append(one());
    log("lengths", [sdk.EncryptionKey.from(new Uint8Array(32)).length, sdk.meteredBytes({ body: "é" })]);
  },

  async administering(sdk, origin, basinName, log) {
    const s2 = client(sdk, origin);
    // Of the hosted service; a server without them says so, and that is what a program of either package sees.
    const noting = async (label: string, action: () => Promise<unknown>) => {
      try {
        log(label, await action());
      } catch (error) {
        if (!(error instanceof sdk.S2Error)) throw error;
        log(`${label} refused`, [error.status, error.origin]);
      }
    };
    const scope = {
      basins: { exact: basinName },
      streams: { prefix: "" },
      opGroups: { stream: { read: true } },
      ops: ["append" as const],
    };
    const expiresAt = new Date("2090-01-01T00:00:00Z");
    const id = `token-${basinName}`;
    await s2.basins.create({ basin: basinName });
    await noting(
      "issued",
      async () => typeof (await s2.accessTokens.issue({ id, scope, expiresAt })).accessToken,
    );
    await noting("listed", async () => {
      const { accessTokens, hasMore } = await s2.accessTokens.list({ prefix: id });
      return [
        accessTokens.map((token) => [
          token.scope.basins,
          token.scope.opGroups?.stream,
          token.scope.ops,
          token.autoPrefixStreams,
        ]),
        accessTokens[0]?.expiresAt?.getTime(),
        hasMore,
      ];
    });
    await noting("all", async () => {
      const ids: string[] = [];
      for await (const token of s2.accessTokens.listAll({ prefix: id, limit: 1 })) ids.push(token.id);
      return ids;
    });
    await noting("revoked", () => s2.accessTokens.revoke({ id }));
    await noting("revoked again", () => s2.accessTokens.revoke({ id }));
    await noting("locations", async () =>
      (await s2.locations.list()).map(({ name, isPrivate }) => [name, isPrivate]),
    );
    await noting("location", async () => {
      const [, second] = await s2.locations.list();
      await s2.locations.setDefault({ location: second?.name ?? "" });
      return [(await s2.locations.getDefault()).name === second?.name, second !== undefined];
    });
    const stream = s2.basin(basinName).stream("measured");
    await s2.basin(basinName).streams.create({ stream: "measured" });
    await stream.append(sdk.AppendInput.create([sdk.AppendRecord.string({ body: "12345" })]));
    const range = { start: new Date(Date.now() - 3_600_000), end: Date.now() + 60_000 };
    const pointsOf = async (asked: ReturnType<typeof s2.metrics.basin>) =>
      (await asked).values.flatMap((metric) => {
        const series =
          "gauge" in metric ? metric.gauge : "accumulation" in metric ? metric.accumulation : undefined;
        if (series === undefined) return [];
        const last = series.values.at(-1);
        return [[series.name, series.unit, last?.[0] instanceof Date, last?.[1]]];
      });
    await noting("stream metrics", () =>
      pointsOf(s2.metrics.stream({ basin: basinName, stream: "measured", set: "storage", ...range })),
    );
    await noting("basin metrics", () =>
      pointsOf(s2.metrics.basin({ basin: basinName, set: "append-ops", interval: "hour", ...range })),
    );
    await noting("account metrics", async () =>
      (await s2.metrics.account({ set: "active-basins", ...range })).values.map((metric) =>
        Object.keys(metric),
      ),
    );
  },
} satisfies Programs;

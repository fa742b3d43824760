import type * as published from "published-streamstore";
import type { Over, Programs } from "./programs.js";

type Common = typeof published;
type Log = (label: string, value?: unknown) => void;

const client = (sdk: Common, origin: string, more: Partial<published.S2ClientOptions> = {}) =>
  new sdk.S2({
    accessToken: "token",
    endpoints: new sdk.S2Endpoints({ account: origin, basin: origin }),
    ...more,
  });

/** What an action fails with, as far as both packages say the same of it. */
async function noted(sdk: Common, log: Log, label: string, action: () => Promise<unknown>): Promise<void> {
  try {
    log(label, await action());
  } catch (error) {
    if (!(error instanceof sdk.S2Error)) throw error;
    const { name, status, code = null, origin } = error;
    // What is refused or given up on this side has other statuses and codes here.
    log(`${label} failed`, origin === "server" && status !== 416 ? [name, status, code] : [name]);
  }
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Services as somebody may run them on 0.27: other corners of it than the shorter programs beside. */
export const services = {
  /** Workers that claim jobs by the position that they saw: whoever comes second reads on and tries again. */
  async claimingJobs(sdk, origin, basinName, log, over) {
    const { AppendInput, AppendRecord, SeqNumMismatchError } = sdk;
    const s2 = client(sdk, origin, { retry: { maxAttempts: 2, appendRetryPolicy: "noSideEffects" } });
    await s2.basins.create({ basin: basinName, config: { createStreamOnAppend: true } });
    const jobs = s2.basin(basinName).stream("jobs", over);
    const lost: string[] = [];
    const claim = async (worker: string, from: number): Promise<number> => {
      for (let at = from; ; ) {
        try {
          const record = AppendRecord.bytes({
            body: new TextEncoder().encode(worker),
            headers: [
              ["kind", "claim"],
              [Uint8Array.of(107), Uint8Array.of(0, 255)],
            ],
          });
          const ack = await jobs.append(AppendInput.create([record], { matchSeqNum: at }));
          return ack.start.seqNum;
        } catch (error) {
          if (!(error instanceof SeqNumMismatchError)) throw error;
          lost.push(
            `${worker} at ${at}, expected ${error.expectedSeqNum}, ${error.message.split("\n").length} lines`,
          );
          at = error.expectedSeqNum;
        }
      }
    };
    const places: number[] = [];
    for (const worker of ["ann", "bob", "cleo"]) places.push(await claim(worker, 0));
    log("places", places);
    log("lost", lost);
    const { records } = await jobs.read({ start: { from: { seqNum: 0 } } }, { as: "bytes" });
    log(
      "claims",
      records.map(({ seqNum, body, headers }) => [
        seqNum,
        textOf(body),
        headers.map(([name, value]) => [textOf(name), Array.from(value)]),
        sdk.meteredBytes({ body, headers }),
      ]),
    );
    const cut = await jobs.append(AppendInput.create([AppendRecord.trim(2)]));
    log("trimmed", [cut.start.seqNum, cut.tail.seqNum]);
    log("tail", (await jobs.checkTail()).tail.seqNum);
    await noted(sdk, log, "too many", async () =>
      AppendInput.create(new Array(1001).fill(AppendRecord.fence("a"))),
    ).catch(() => undefined);
    await jobs.close();
  },

  /** Lines that are piped through transforms of the program's own, and what became of them piped elsewhere. */
  async shippingLines(sdk, origin, basinName, log, over) {
    const { AppendRecord, BatchTransform, IndexedAppendAck, Producer, RecordSubmitTicket } = sdk;
    const s2 = client(sdk, origin);
    await s2.basins.create({ basin: basinName });
    const basin = s2.basin(basinName);
    await basin.streams.create({ stream: "lines" });
    const stream = basin.stream("lines", over);
    const toRecords = (): TransformStream<string, published.AppendRecord> =>
      new TransformStream({
        transform(line, controller) {
          controller.enqueue(AppendRecord.string({ body: line, headers: [["length", String(line.length)]] }));
        },
      });
    const lines = (prefix: string, count: number): ReadableStream<string> => {
      let given = 0;
      return new ReadableStream({
        pull(controller) {
          if (given === count) return controller.close();
          controller.enqueue(`${prefix} ${given}`);
          given += 1;
        },
      });
    };

    // By way of a session, whose acknowledgements are piped as well.
    const session = await stream.appendSession({ maxInflightBatches: 2 });
    const ends: number[] = [];
    const piped = session.readable.pipeTo(
      new WritableStream({
        write(ack) {
          ends.push(ack.end.seqNum);
        },
      }),
    );
    await lines("session", 9)
      .pipeThrough(toRecords())
      .pipeThrough(new BatchTransform({ maxBatchRecords: 4, lingerDurationMillis: 1000 }))
      .pipeTo(session.writable);
    await piped;
    log("ends", [ends, session.lastAckedPosition()?.end.seqNum, session.failureCause() ?? null]);
    await noted(sdk, log, "after its end", async () =>
      session.submit(sdk.AppendInput.create([AppendRecord.string({ body: "late" })])),
    ).catch(() => undefined);

    // By way of a producer, record by record and as a stream.
    const producer = new Producer(
      new BatchTransform({ maxBatchRecords: 3, lingerDurationMillis: 1 }),
      await stream.appendSession(),
      "shipper",
    );
    const told: number[] = [];
    const acks = producer.readable.pipeTo(
      new WritableStream({
        write(ack) {
          if (!(ack instanceof IndexedAppendAck)) throw new Error("no IndexedAppendAck");
          told.push(ack.seqNum());
        },
      }),
    );
    const ticket = await producer.submit(AppendRecord.string({ body: "first" }));
    log("ticket", ticket instanceof RecordSubmitTicket);
    await lines("producer", 5).pipeThrough(toRecords()).pipeTo(producer.writable);
    log("place", [(await ticket.ack()).seqNum(), (await ticket.ack()).batchAppendAck().start.seqNum]);
    await acks;
    log("told", told);
    await producer.close();

    const copies = (
      await stream.readSession({ start: { from: { seqNum: 0 } }, stop: { limits: { count: 15 } } })
    ).tee();
    const read = async (copy: ReadableStream<published.ReadRecord>): Promise<string[]> => {
      const bodies: string[] = [];
      const reader = copy.getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        bodies.push(`${next.value.body} (${next.value.headers.map((pair) => pair.join("=")).join()})`);
      }
      return bodies;
    };
    const [one, two] = await Promise.all(copies.map(read));
    log("copies", [one, JSON.stringify(one) === JSON.stringify(two)]);
  },

  /** A follower that is interrupted at will and goes on where it was. */
  async followingOn(sdk, origin, basinName, log, over) {
    const { AppendInput, AppendRecord } = sdk;
    const s2 = client(sdk, origin);
    await s2.basins.create({ basin: basinName });
    const basin = s2.basin(basinName);
    await basin.streams.create({
      stream: "news",
      config: { timestamping: { mode: "client-require", uncapped: true } },
    });
    await using stream = basin.stream("news", over);
    const publish = (from: number, count: number) =>
      stream.append(
        AppendInput.create(
          Array.from({ length: count }, (_, index) =>
            AppendRecord.string({ body: `item ${from + index}`, timestamp: 1000 * (from + index + 1) }),
          ),
        ),
      );
    await publish(0, 6);
    await stream.append(AppendInput.create([AppendRecord.fence("me", new Date(6500))]));
    await noted(sdk, log, "without a time", () =>
      stream.append(AppendInput.create([AppendRecord.string({ body: "x" })])),
    );

    // A reader that lets go and takes hold again.
    const session = await stream.readSession({
      start: { from: { timestamp: 2500 } },
      stop: { untilTimestamp: new Date(6000) },
      ignoreCommandRecords: true,
    });
    const reader = session.getReader();
    log("first", (await reader.read()).value);
    reader.releaseLock();
    const rest: [number, number][] = [];
    for await (const { seqNum, timestamp } of session) rest.push([seqNum, timestamp.getTime()]);
    log("rest", rest);
    log("then", session.nextReadPosition()?.seqNum);

    // One that is left in the middle.
    const left = await stream.readSession(
      { start: { from: { tailOffset: 3 }, clamp: true } },
      { as: "bytes" },
    );
    for await (const record of left) {
      log("left at", [record.seqNum, record.body.length, record.headers.length]);
      break;
    }
    // One that its signal ends.
    const stop = new AbortController();
    const live = await stream.readSession({ start: { from: { seqNum: 7 } } }, { signal: stop.signal });
    const seen: number[] = [];
    const waiting = (async () => {
      try {
        for await (const record of live) seen.push(record.seqNum);
      } catch (error) {
        // There an aborted read just ends, here it says so.
        if (!(error instanceof sdk.S2Error)) throw error;
      }
    })();
    await publish(7, 2);
    while (seen.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    await waiting;
    log("stopped", seen);
    // One that waits in vain, and one that asks for what is not there yet.
    const late = await stream.readSession({ start: { from: { tailOffset: 0 } }, stop: { waitSecs: 0 } });
    let count = 0;
    for await (const _ of late) count += 1;
    log("late", count);
    await noted(sdk, log, "beyond", () => stream.read({ start: { from: { seqNum: 500 } } }));
    const clamped = await stream.readSession({
      start: { from: { seqNum: 500 }, clamp: true },
      stop: { waitSecs: 0 },
    });
    log("clamped", (await clamped.getReader().read()).done);
    const { tail } = await stream.checkTail();
    log("tail", [tail.seqNum, tail.timestamp]);
  },

  /** Records under keys, sent compressed, by calls and sessions. */
  async keepingSecrets(sdk, origin, basinName, log, over) {
    const { AppendInput, AppendRecord, BatchSubmitTicket, EncryptionKey, EncryptionKeyLengthError } = sdk;
    const s2 = client(sdk, origin, { compression: "gzip", requestTimeoutMillis: 4000 });
    await s2.basins.ensure({ basin: basinName, config: { streamCipher: "aegis-256" } });
    const basin = s2.basin(basinName);
    const { stream: info } = await basin.streams.ensure({ stream: "vault" });
    log("cipher", [info.name, info.cipher]);
    const bytes = new Uint8Array(32).fill(7);
    const key = EncryptionKey.from(bytes);
    log("key", key);
    const vault = basin.stream("vault", { ...over, encryptionKey: key });
    const large = "text ".repeat(5000);
    await vault.append(
      AppendInput.create([AppendRecord.string({ body: large }), AppendRecord.string({ body: "" })]),
    );
    const session = await vault.appendSession();
    const tickets: published.BatchSubmitTicket[] = [];
    for (const body of ["small", large, "last"])
      tickets.push(await session.submit(AppendInput.create([AppendRecord.string({ body })])));
    log(
      "tickets",
      tickets.map((ticket) => [ticket instanceof BatchSubmitTicket, ticket.bytes, ticket.numRecords]),
    );
    const acks = await Promise.all(tickets.map((ticket) => ticket.ack()));
    log(
      "acks",
      acks.map(({ start, end }) => [start.seqNum, end.seqNum]),
    );
    await session.close();
    const read = await vault.read({ start: { from: { seqNum: 0 } } });
    log(
      "read",
      read.records.map(({ body }) => [body.length, body.slice(0, 5)]),
    );
    const again = await basin
      .stream("vault", over)
      .withEncryptionKey(bytes)
      .read({ start: { from: { tailOffset: 1 } } });
    log(
      "with the bytes",
      again.records.map(({ body }) => body),
    );
    await noted(sdk, log, "wrong key", () =>
      vault.withEncryptionKey(new Uint8Array(32)).read({ start: { from: { seqNum: 0 } } }),
    );
    await noted(sdk, log, "no key", () =>
      basin.stream("vault", over).read({ start: { from: { seqNum: 0 } } }),
    );
    for (const given of ["", " ", "x".repeat(45), new Uint8Array(34)]) {
      try {
        EncryptionKey.from(given);
        log("taken", given.length);
      } catch (error) {
        log("refused", [error instanceof EncryptionKeyLengthError, error instanceof sdk.S2Error]);
      }
    }
    await s2.basin(basinName).streams.delete({ stream: "vault" });
  },

  /** A console: what there is, how it is configured, and what is wrong. */
  async keepingHouse(sdk, origin, basinName, log) {
    const { AppendInput, AppendRecord, S2Endpoints, S2Environment } = sdk;
    const endpoints = new S2Endpoints({ account: origin, basin: origin });
    log("endpoints", [
      endpoints.includeBasinHeader,
      endpoints.accountBaseUrl() === `${origin}/v1`,
      endpoints.basinBaseUrl("any-basin") === `${origin}/v1`,
      new S2Endpoints({ account: "one.example" }).basinBaseUrl("any-basin"),
    ]);
    const s2 = new sdk.S2({ ...S2Environment.parse(), accessToken: "token", endpoints });
    const first = await s2.basins.ensure({
      basin: basinName,
      config: {
        createStreamOnAppend: true,
        createStreamOnRead: true,
        defaultStreamConfig: {
          storageClass: "standard",
          retentionPolicy: { ageSecs: 3600 },
          timestamping: { mode: "arrival", uncapped: false },
          deleteOnEmpty: { minAgeSecs: 7200 },
        },
      },
    });
    log("made", [first.result, first.basin.name, first.basin.deletedAt ?? null]);
    log("config", await s2.basins.getConfig({ basin: basinName }));
    const { streams } = s2.basin(basinName);
    const own = s2.basin(basinName).stream("own");
    await own.append(
      AppendInput.create([AppendRecord.string({ body: "a" })], {
        streamConfig: { retentionPolicy: { infinite: {} }, timestamping: { mode: "client-prefer" } },
      }),
    );
    log("its config", await streams.getConfig({ stream: "own" }));
    await s2.basin(basinName).stream("read").checkTail();
    log("read's config", await streams.getConfig({ stream: "read" }));
    log(
      "changed",
      await streams.reconfigure({ stream: "own", storageClass: "express", timestamping: { uncapped: true } }),
    );
    log(
      "reset",
      await streams.reconfigure({ stream: "own", retentionPolicy: null, deleteOnEmpty: { minAgeSecs: 5 } }),
    );
    for (let n = 0; n < 5; n += 1)
      await streams.create({ stream: `many/${n}`, config: { storageClass: "express" } });
    const seen: string[] = [];
    for await (const info of streams.listAll({ prefix: "many/", limit: 2 })) {
      seen.push(info.name);
      if (!(info.createdAt instanceof Date)) throw new Error("no Date");
    }
    log("many", seen);
    const page = await streams.list({ prefix: "many/", startAfter: "many/1", limit: 2 });
    log("page", [page.hasMore, page.streams.map(({ name, cipher }) => [name, cipher ?? null])]);
    await noted(sdk, log, "twice", () => streams.create({ stream: "own" }));
    await noted(sdk, log, "nowhere", () => streams.getConfig({ stream: "nowhere" }));
    await noted(sdk, log, "no basin", () => s2.basins.getConfig({ basin: `no-${basinName}` }));
    await noted(sdk, log, "no stream", () => s2.basin(`no-${basinName}`).stream("s").checkTail());
    try {
      s2.basin("NOT A NAME");
    } catch (error) {
      log("bad name", error instanceof sdk.S2Error);
    }
    log("limits", [
      sdk.MAX_APPEND_BYTES,
      sdk.MAX_APPEND_RECORDS,
      AppendRecord.maxBodyBytes([["a", new Uint8Array(3)]]),
      sdk.utf8ByteLength("a\u00e9\ud800"),
      sdk.randomToken().length,
      sdk.randomToken(3).length,
    ]);
    const tracker = new sdk.CaughtUpTracker();
    const caughtUp = tracker.caughtUp();
    const boundary = tracker.observeBatch({
      recordCount: 2,
      lastSeqNum: 6,
      tail: { seqNum: 7, timestamp: new Date(9) },
    });
    log("tracked", [tracker.isCaughtUp(), boundary?.tail.seqNum]);
    boundary?.markDelivered();
    log("caught up", [tracker.isCaughtUp(), (await caughtUp).seqNum]);
    tracker.reconnect();
    log("behind", tracker.isCaughtUp());
    tracker.end();
    await noted(sdk, log, "ended", () => tracker.caughtUp());
    const error = new sdk.S2Error({
      message: "mine",
      code: "X",
      status: 418,
      data: { a: 1 },
      origin: "server",
    });
    log("error", [
      error.message,
      error.code,
      error.status,
      error.data,
      error.origin,
      error.name,
      error.hasNoSideEffects(),
    ]);
  },
} satisfies Programs;

export type { Over };

import { EncryptionKey } from "@s2-dev/streamstore";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { all, expectCode, expectServerError } from "../expecting.js";
import { eventsOf } from "../raw/sse.js";
import { streamOver } from "../wires.js";

const keyOf = (byte: number): Record<string, string> => ({
  "s2-encryption-key": Buffer.alloc(32, byte).toString("base64"),
});
const KEY = keyOf(7);
const OTHER_KEY = keyOf(9);

/** The same key, and another one, for the SDK. */
const KEPT = EncryptionKey.from(Buffer.alloc(32, 7));
const OTHER = EncryptionKey.from(Buffer.alloc(32, 9).toString("base64"));

export const encrypting = topic("encrypting", ({ sdk, raw }) => {
  for (const stream_cipher of ["aegis-256", "aes-256-gcm"] as const) {
    sdk(
      `sends the handle's key with every append and read: ${stream_cipher}`,
      ["encryption.keys", "config.cipher"],
      async (ctx) => {
        const basin = await ctx.basin({ stream_cipher });
        const { name } = await ctx.streamIn(basin);
        const stream = streamOver(ctx.pair.wire, basin, name, { encryptionKey: KEPT });
        await stream.append({ body: "by call" });
        const writing = await stream.appendSession();
        await writing.submit({ body: "by session" });
        await writing.close();
        const bodies = ["by call", "by session"];
        expect((await stream.read({ seq_num: 0 })).records.map(({ body }) => body)).toEqual(bodies);
        const session = await stream.readSession({ seq_num: 0, count: 2 });
        expect((await all(session)).map(({ body }) => body)).toEqual(bodies);
        expect((await ctx.handle(basin, name).checkTail()).tail.seq_num).toBe(2);
        expect((await basin.streams.list()).streams).toMatchObject([{ name, cipher: stream_cipher }]);
      },
    );
  }

  sdk(
    "misses a key at once, in calls and in sessions",
    ["encryption.keys", "code.bad_header"],
    async (ctx) => {
      const stream = await ctx.streamIn(await ctx.basin({ stream_cipher: "aegis-256" }));
      await expectServerError(stream.append({ body: "x" }), "bad_header", 400);
      await expectServerError(stream.read({ seq_num: 0 }), "bad_header", 400);
      await expectServerError(stream.readSession({ seq_num: 0 }), "bad_header", 400);
      const session = await stream.appendSession();
      await expectServerError(session.submit({ body: "x" }), "bad_header", 400);
      await expectServerError(session.close(), "bad_header", 400);
    },
  );

  sdk("refuses keys that are no key for the cipher", ["encryption.keys", "code.bad_header"], async (ctx) => {
    const stream = await ctx.streamIn(await ctx.basin({ stream_cipher: "aegis-256" }));
    for (const key of ["short", new Uint8Array(31), new Uint8Array(33), "x".repeat(44)]) {
      const locked = stream.withEncryptionKey(EncryptionKey.from(key));
      await expectServerError(locked.append({ body: "x" }), "bad_header", 400);
      await expectServerError(locked.read({ seq_num: 0 }), "bad_header", 400);
      await expectServerError(locked.readSession({ seq_num: 0 }), "bad_header", 400);
      const session = await locked.appendSession();
      await expectServerError(session.submit({ body: "x" }), "bad_header", 400);
      await expectServerError(session.close(), "bad_header", 400);
    }
  });

  sdk(
    "fails to read with another key, for good",
    ["encryption.keys", "code.decryption_failed"],
    async (ctx) => {
      const basin = await ctx.basin({ stream_cipher: "aes-256-gcm" });
      const stream = (await ctx.streamIn(basin)).withEncryptionKey(KEPT);
      await stream.append({ body: "secret" });
      const other = stream.withEncryptionKey(OTHER);
      await expectServerError(other.read({ seq_num: 0 }), "decryption_failed", 400);
      const reading = async () => all(await other.readSession({ seq_num: 0, count: 1 }));
      await expectServerError(reading(), "decryption_failed", 400);
      expect((await stream.read({ seq_num: 0 })).records).toMatchObject([{ body: "secret" }]);
    },
  );

  for (const cipher of ["aegis-256", "aes-256-gcm"]) {
    raw(
      `keeps records under a key that comes with each request: ${cipher}`,
      ["encryption.keys", "config.cipher"],
      async (ctx) => {
        const stream = await ctx.streamIn(await ctx.basin({ stream_cipher: cipher }));
        expect(
          (await stream.append({ records: [{ timestamp: 1, body: "secret", headers: [["k", "v"]] }] }, KEY))
            .status,
        ).toBe(200);
        const read = await stream.read("seq_num=0", KEY);
        expect(read.text).toBe(
          '{"records":[{"seq_num":0,"timestamp":1,"headers":[["k","v"]],"body":"secret"}]}',
        );
        const session = await stream.readSession("seq_num=0&count=1", KEY);
        expect((await session.next())?.terminal).toBe(false);
        const writing = await stream.appendSession(KEY);
        writing.append([{ body: "more" }]);
        expect((await writing.ack()).end.seq_num).toBe(2);
        writing.finish();
      },
    );
  }

  raw(
    "shows a stream's cipher, which is the basin's at its creation for good",
    ["config.cipher", "streams.ensure"],
    async (ctx) => {
      const basin = await ctx.basin();
      const own = { "s2-basin": basin };
      const ensure = async (stream: string) =>
        (await ctx.http.json("PUT", `/v1/streams/${stream}`, {}, own)).json();
      expect(await ensure("plain")).toMatchObject({ cipher: null });
      await ctx.http.json("PATCH", `/v1/basins/${basin}`, { stream_cipher: "aes-256-gcm" });
      expect(await ensure("encrypted")).toMatchObject({ cipher: "aes-256-gcm" });
      expect(await ensure("plain")).toMatchObject({ cipher: null });
      await ctx.http.json("PATCH", `/v1/basins/${basin}`, { stream_cipher: null });
      expect(await ensure("encrypted")).toMatchObject({ cipher: "aes-256-gcm" });
      expect((await ctx.routes(basin, "plain").append({ records: [{}] })).status).toBe(200);
    },
  );

  raw("needs the key for records, not for the tail", ["encryption.keys", "code.bad_header"], async (ctx) => {
    const stream = await ctx.streamIn(await ctx.basin({ stream_cipher: "aegis-256" }));
    expectCode(await stream.append({ records: [{}] }), 400, "bad_header");
    expectCode(await stream.read("seq_num=0"), 400, "bad_header");
    expectCode(await stream.read("seq_num=0", { accept: "text/event-stream" }), 400, "bad_header");
    expectCode(await stream.read("seq_num=0", { "content-type": "s2s/proto" }), 400, "bad_header");
    expectCode(
      await ctx.http.send({
        method: "POST",
        path: stream.records,
        headers: { "s2-basin": stream.basin, "content-type": "s2s/proto" },
      }),
      400,
      "bad_header",
    );
    expect((await stream.tail()).status).toBe(200);
  });

  raw(
    "refuses keys that are none, and looks at their length everywhere",
    ["encryption.keys", "code.bad_header"],
    async (ctx) => {
      const encrypted = await ctx.streamIn(await ctx.basin({ stream_cipher: "aegis-256" }));
      const plain = await ctx.stream();
      const append = (stream: typeof plain, key: string) =>
        stream.append({ records: [{}] }, { "s2-encryption-key": key });
      for (const key of ["short", "x".repeat(44), Buffer.alloc(31).toString("base64"), "!".repeat(44)]) {
        expectCode(await append(encrypted, key), 400, "bad_header");
        expect((await append(plain, key)).status).toBe(200);
      }
      for (const key of ["", "x".repeat(45)]) {
        expectCode(await append(encrypted, key), 400, "bad_header");
        expectCode(await append(plain, key), 400, "bad_header");
      }
    },
  );

  raw(
    "gives nothing under another key",
    ["encryption.keys", "code.decryption_failed", "sse.errors"],
    async (ctx) => {
      const stream = await ctx.streamIn(await ctx.basin({ stream_cipher: "aegis-256" }));
      await stream.append({ records: [{ body: "secret" }] }, KEY);
      expectCode(await stream.read("seq_num=0", OTHER_KEY), 400, "decryption_failed");
      const [error, ...rest] = await all(eventsOf(await stream.events("seq_num=0", OTHER_KEY)));
      expect([error?.event, JSON.parse(error?.data ?? ""), rest]).toEqual([
        "error",
        { code: "decryption_failed", message: expect.any(String) },
        [],
      ]);
      const session = await stream.readSession("seq_num=0", OTHER_KEY);
      expect(await session.terminal()).toEqual({
        status: 400,
        body: { code: "decryption_failed", message: expect.any(String) },
      });
      // A writer's key is not checked against the records there are.
      expect((await stream.append({ records: [{ body: "other" }] }, OTHER_KEY)).status).toBe(200);
      expect((await stream.read("seq_num=1", OTHER_KEY)).json()).toMatchObject({
        records: [{ body: "other" }],
      });
      expectCode(await stream.read("seq_num=0", KEY), 400, "decryption_failed");
    },
  );

  raw("does not encrypt commands", ["encryption.keys"], async (ctx) => {
    const stream = await ctx.streamIn(await ctx.basin({ stream_cipher: "aes-256-gcm" }));
    await stream.append({ records: [{ headers: [["", "fence"]], body: "mine" }] }, KEY);
    expect((await stream.read("seq_num=0", OTHER_KEY)).json()).toMatchObject({
      records: [{ headers: [["", "fence"]], body: "mine" }],
    });
    expect((await stream.append({ records: [{}], fencing_token: "yours" }, KEY)).status).toBe(412);
  });

  raw(
    "creates a stream by itself before it misses the key",
    ["encryption.keys", "auto-create.append"],
    async (ctx) => {
      const basin = await ctx.basin({ stream_cipher: "aegis-256", create_stream_on_append: true });
      const stream = ctx.routes(basin, "new");
      expectCode(await stream.append({ records: [{}] }), 400, "bad_header");
      expect((await stream.tail()).status).toBe(200);
      expect((await stream.append({ records: [{}] }, KEY)).status).toBe(200);
    },
  );
});

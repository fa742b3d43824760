import { describe, expect, test } from "vitest";
import { appendInput, BASIN, bodies, createHarness, readRequest, refusal } from "../../test/harness.js";
import { EMPTY_LAYER } from "./configs.js";

const KEY = Buffer.alloc(32, 7).toString("base64");
const OTHER_KEY = Buffer.alloc(32, 9).toString("base64");

describe("a missing stream", () => {
  test("is not created unless the basin says so", async () => {
    const { append, open, service } = await createHarness();
    expect(await refusal(append(bodies("a"), {}, "new"))).toBe("stream_not_found");
    expect(await refusal(open({}, "new"))).toBe("stream_not_found");
    await service.basins.patch(BASIN, { createOnRead: true });
    expect(await refusal(append(bodies("a"), {}, "new"))).toBe("stream_not_found");
  });

  test("is created by an append, with the request's configuration over the basin's", async () => {
    const { service } = await createHarness();
    await service.basins.patch(BASIN, {
      createOnAppend: true,
      defaults: { timestamping: { uncapped: true } },
    });
    const config = { ...EMPTY_LAYER, retention: { ageSecs: 60 } };
    await service.records.openAppend({ basin: BASIN, stream: "new", config });
    expect(await service.streams.settings(BASIN, "new")).toMatchObject({
      retention: { ageSecs: 60 },
      uncapped: true,
    });
    await service.records.openAppend({ basin: BASIN, stream: "new", config: EMPTY_LAYER });
    expect(await service.streams.settings(BASIN, "new")).toMatchObject({ retention: { ageSecs: 60 } });
  });

  test("is created by a read and by a look at its tail", async () => {
    const { service, open } = await createHarness();
    await service.basins.patch(BASIN, { createOnRead: true });
    expect(await service.records.checkTail({ basin: BASIN, stream: "one" })).toEqual({
      seq_num: 0,
      timestamp: 0,
    });
    expect(await refusal(open({ count: 1 }, "two"))).toContain("416");
    expect(await service.streams.settings(BASIN, "two")).toMatchObject({ storageClass: "express" });
  });

  test("stays although the append that created it fails", async () => {
    const { service, append } = await createHarness();
    await service.basins.patch(BASIN, { createOnAppend: true });
    expect(await refusal(append(bodies("a"), { match_seq_num: 5 }, "new"))).toContain("412");
    expect(await service.streams.settings(BASIN, "new")).toBeDefined();
  });

  test("is created once, however many ask", async () => {
    const { service, append } = await createHarness();
    await service.basins.patch(BASIN, { createOnAppend: true });
    const acks = await Promise.all(Array.from({ length: 20 }, () => append(bodies("a"), {}, "new")));
    expect(acks.map((ack) => ack.start.seq_num).sort((a, b) => a - b)).toEqual(
      acks.map((_ack, index) => index),
    );
  });

  test("of a missing or vanishing basin is not created", async () => {
    const { service } = await createHarness();
    expect(await refusal(service.records.openAppend({ basin: "other-basin", stream: "x" }))).toBe(
      "basin_not_found",
    );
    await service.basins.patch(BASIN, { createOnAppend: true });
    await service.basins.delete(BASIN);
    expect(await refusal(service.records.openAppend({ basin: BASIN, stream: "x" }))).toBe(
      "basin_deletion_pending",
    );
  });
});

describe("an encrypted stream", () => {
  async function encrypted(cipher: "aegis-256" | "aes-256-gcm" = "aegis-256") {
    const harness = await createHarness();
    await harness.service.basins.patch(BASIN, { streamCipher: cipher });
    await harness.service.streams.create(BASIN, "e", EMPTY_LAYER, undefined);
    const access = (encryptionKey?: string) => ({ basin: BASIN, stream: "e", encryptionKey });
    const { records } = harness.service;
    return {
      append: async (key: string | undefined, ...texts: string[]) =>
        (await records.openAppend(access(key))).append(appendInput(bodies(...texts))),
      read: async (key: string | undefined) =>
        (await records.read(access(key), readRequest({ waitSecs: 0 }))).next(),
      records,
      access,
    };
  }

  test("needs a key of 32 bytes in base64, before anything else happens", async () => {
    const { append, read } = await encrypted();
    for (const key of [undefined, "AAAA", "not base64!"]) {
      expect(await refusal(append(key, "a"))).toBe("bad_header");
      expect(await refusal(read(key))).toBe("bad_header");
    }
    await append(` ${KEY} `, "a");
  });

  test("gives back what was appended under the same key, with its size and the stored bytes unreadable", async () => {
    const { append, read } = await encrypted();
    await append(KEY, "secret", "");
    const output = await read(KEY);
    expect(output).toMatchObject({ kind: "records", count: 2, meteredBytes: 22 });
    expect(output?.kind === "records" && Buffer.concat(output.chunks).includes("secret")).toBe(true);
  });

  test("takes appends under any key, and fails reads under another", async () => {
    const { append, read } = await encrypted();
    await append(KEY, "a");
    await append(OTHER_KEY, "b");
    expect(await refusal(read(OTHER_KEY))).toBe("decryption_failed");
  });

  test("leaves command records plain, and its tail open to all", async () => {
    const { records, access, append } = await encrypted();
    const opening = await records.openAppend(access(KEY));
    await opening.append(appendInput([{ headers: [["", "fence"]], body: "t" }]));
    await append(KEY, "a");
    const session = await records.read(access(OTHER_KEY), readRequest({ count: 1 }));
    expect(await session.next()).toMatchObject({ count: 1, lastSeqNum: 0 });
    expect((await records.checkTail(access())).seq_num).toBe(2);
  });
});

import { describe, expect, test } from "vitest";
import { appendInput, BASIN, bodies, createHarness, refusal } from "../../test/harness.js";
import { createHeldStorage } from "../../test/held-storage.js";
import { DEFAULT_BASIN, EMPTY_LAYER, type StreamConfigLayer } from "./configs.js";

const WEEK = { ageSecs: 604_800 };

describe("creating", () => {
  test("is idempotent for the same token and the same configuration as submitted", async () => {
    const { service } = await createHarness();
    const config: StreamConfigLayer = { ...EMPTY_LAYER, storageClass: "standard" };
    const create = (token: string | undefined, layer = config) =>
      service.streams.create(BASIN, "t", layer, token);
    const [first, info] = await create("token");
    expect(first).toBe("created");
    await service.basins.patch(BASIN, { defaults: { retention: "infinite" } });
    await service.streams.patch(BASIN, "t", { storageClass: "express" });
    expect(await create("token")).toEqual(["noop", info]);
    expect(await refusal(create("token", EMPTY_LAYER))).toBe("resource_already_exists");
    expect(await refusal(create("other"))).toBe("resource_already_exists");
    expect(await refusal(create(undefined))).toBe("resource_already_exists");
  });

  test("resolves a stream's configuration for good: stream, then basin, then service", async () => {
    const { service } = await createHarness();
    await service.basins.patch(BASIN, {
      defaults: { retention: { ageSecs: 60 }, timestamping: { uncapped: true } },
    });
    await service.streams.create(BASIN, "t", { ...EMPTY_LAYER, mode: "arrival" }, undefined);
    const settings = {
      storageClass: "express",
      retention: { ageSecs: 60 },
      mode: "arrival",
      uncapped: true,
      minAgeSecs: 0,
    };
    expect(await service.streams.settings(BASIN, "t")).toEqual(settings);
    await service.basins.patch(BASIN, { defaults: null });
    expect(await service.streams.settings(BASIN, "t")).toEqual(settings);
  });

  test("refuses a retention of no time", async () => {
    const { service } = await createHarness();
    const config = { ...EMPTY_LAYER, retention: { ageSecs: 0 } };
    expect(await refusal(service.streams.create(BASIN, "t", config, undefined))).toBe("invalid");
    expect(await refusal(service.streams.ensure(BASIN, "s", config))).toBe("invalid");
    expect(await refusal(service.streams.patch(BASIN, "s", { retention: { ageSecs: 0 } }))).toBe("invalid");
    expect(await refusal(service.basins.ensure(BASIN, { ...DEFAULT_BASIN, defaults: config }))).toBe(
      "invalid",
    );
  });

  test("needs its basin", async () => {
    const { service } = await createHarness();
    expect(await refusal(service.streams.create("other-basin", "t", EMPTY_LAYER, undefined))).toBe(
      "basin_not_found",
    );
  });
});

describe("ensuring", () => {
  test("replaces a basin's configuration: what is left out goes back to the default", async () => {
    const { service } = await createHarness();
    const settings = { ...DEFAULT_BASIN, createOnAppend: true, streamCipher: "aegis-256" as const };
    expect((await service.basins.ensure(BASIN, settings))[0]).toBe("updated");
    expect((await service.basins.ensure(BASIN, settings))[0]).toBe("noop");
    expect((await service.basins.ensure(BASIN, DEFAULT_BASIN))[0]).toBe("updated");
    expect(await service.basins.settings(BASIN)).toEqual(DEFAULT_BASIN);
    expect((await service.basins.ensure("other-basin", DEFAULT_BASIN))[0]).toBe("created");
  });

  test("keeps a stream's cipher, whatever its basin's is by then", async () => {
    const { service } = await createHarness();
    await service.basins.patch(BASIN, { streamCipher: "aegis-256" });
    await service.streams.ensure(BASIN, "e", EMPTY_LAYER);
    await service.basins.patch(BASIN, { streamCipher: null });
    const [outcome, info] = await service.streams.ensure(BASIN, "e", { ...EMPTY_LAYER, uncapped: true });
    expect([outcome, info.cipher]).toEqual(["updated", "aegis-256"]);
  });

  test("lets a creation be replayed afterwards", async () => {
    const { service } = await createHarness();
    await service.basins.create("other-basin", DEFAULT_BASIN, "token");
    await service.basins.ensure("other-basin", { ...DEFAULT_BASIN, createOnRead: true });
    expect((await service.basins.create("other-basin", DEFAULT_BASIN, "token"))[0]).toBe("noop");
  });
});

describe("reconfiguring", () => {
  test("merges field by field: absent keeps, null resets to the basin's default", async () => {
    const { service } = await createHarness({
      config: { mode: "arrival", uncapped: true, retention: "infinite" },
    });
    const patch = { timestamping: { mode: "client-require" as const }, deleteOnEmpty: { minAgeSecs: 5 } };
    expect(await service.streams.patch(BASIN, "s", patch)).toMatchObject({
      mode: "client-require",
      uncapped: true,
      minAgeSecs: 5,
      retention: "infinite",
    });
    await service.basins.patch(BASIN, { defaults: { timestamping: { mode: "arrival" } } });
    expect(await service.streams.patch(BASIN, "s", { timestamping: null, retention: null })).toMatchObject({
      mode: "arrival",
      uncapped: false,
      minAgeSecs: 5,
      retention: WEEK,
    });
  });

  test("takes effect on the next append", async () => {
    const { service, append } = await createHarness();
    await append(bodies("a"));
    await service.streams.patch(BASIN, "s", { timestamping: { mode: "client-require" } });
    expect(await refusal(append(bodies("b")))).toBe("invalid");
  });

  test("of a basin resets nested objects one by one, or all at once", async () => {
    const { service } = await createHarness();
    await service.basins.patch(BASIN, {
      defaults: { storageClass: "standard", deleteOnEmpty: { minAgeSecs: 5 } },
      createOnRead: true,
    });
    expect((await service.basins.patch(BASIN, { defaults: { deleteOnEmpty: null } })).defaults).toEqual({
      ...EMPTY_LAYER,
      storageClass: "standard",
    });
    const settings = await service.basins.patch(BASIN, { defaults: null });
    expect(settings).toEqual({ ...DEFAULT_BASIN, createOnRead: true });
  });
});

describe("listing", () => {
  test("goes by the bytes of names, within prefix and behind start_after, and says exactly whether there is more", async () => {
    const { service } = await createHarness();
    for (const name of ["a", "a/b", "b", "é", "\u{1f600}", "\uffff"]) {
      await service.streams.create(BASIN, name, EMPTY_LAYER, undefined);
    }
    const list = async (prefix: string, startAfter: string, limit: number): Promise<string> => {
      const page = await service.streams.list(BASIN, { prefix, startAfter, limit });
      return `${page.items.map((item) => item.name).join(" ")}${page.hasMore ? " …" : ""}`;
    };
    expect(await list("", "", 0)).toBe("a a/b b s é \uffff \u{1f600}");
    expect(await list("", "", 2)).toBe("a a/b …");
    expect(await list("", "a/b", 2)).toBe("b s …");
    expect(await list("a", "", 2)).toBe("a a/b");
    expect(await list("a", "a", 9)).toBe("a/b");
    expect(await list("a", "b", 9)).toBe("");
    expect(await list("", "", 1001)).toBe("a a/b b s é \uffff \u{1f600}");
  });

  test("needs its basin", async () => {
    const { service } = await createHarness();
    const all = { prefix: "", startAfter: "", limit: 0 };
    expect(await refusal(service.streams.list("other-basin", all))).toBe("basin_not_found");
  });
});

describe("deleting a stream", () => {
  test("frees its name: the next stream of that name begins anew", async () => {
    const { service, append } = await createHarness();
    await append(bodies("a", "b"));
    await service.streams.delete(BASIN, "s");
    expect(await refusal(service.streams.delete(BASIN, "s"))).toBe("stream_not_found");
    await service.streams.create(BASIN, "s", EMPTY_LAYER, undefined);
    expect((await append(bodies("c"))).start.seq_num).toBe(0);
  });

  test("is a state while it lasts: all is refused but deleting again, and listings show it", async () => {
    const { service, append, open, clock } = await createHarness({ deletionMs: 20 });
    await append(bodies("a"));
    await service.streams.delete(BASIN, "s");
    await service.streams.delete(BASIN, "s");
    for (const doing of [
      () => append(bodies("b")),
      () => open(),
      () => service.records.checkTail({ basin: BASIN, stream: "s" }),
      () => service.streams.settings(BASIN, "s"),
      () => service.streams.create(BASIN, "s", EMPTY_LAYER, undefined),
      () => service.streams.ensure(BASIN, "s", EMPTY_LAYER),
      () => service.streams.patch(BASIN, "s", {}),
    ]) {
      expect(await refusal(doing())).toBe("stream_deletion_pending");
    }
    const page = await service.streams.list(BASIN, { prefix: "", startAfter: "", limit: 0 });
    expect(page.items.map((item) => [item.name, item.deletedAt === null])).toEqual([["s", false]]);
    await clock.advance(20);
    expect(await refusal(service.streams.settings(BASIN, "s"))).toBe("stream_not_found");
  });

  test("applies what came before it and refuses what comes after, once the deletion is durable", async () => {
    const storage = createHeldStorage();
    const { service } = await createHarness({ storage });
    const { append } = await service.records.openAppend({ basin: BASIN, stream: "s" });
    const before = append(appendInput(bodies("a")));
    const deleting = service.streams.delete(BASIN, "s");
    await storage.release(0);
    expect(storage.held).toBe(2);
    let told = "";
    const after = refusal(append(appendInput(bodies("b")))).then((code) => {
      told = code;
    });
    await storage.release(1);
    expect((await before).end.seq_num).toBe(1);
    expect(told).toBe("");
    await storage.release();
    await Promise.all([deleting, after]);
    expect(told).toBe("stream_deletion_pending");
  });
});

describe("deleting a basin", () => {
  test("is done at once when it is empty", async () => {
    const { service, clock } = await createHarness();
    await service.basins.create("other-basin", DEFAULT_BASIN, undefined);
    await service.basins.delete("other-basin");
    await clock.advance(0);
    expect(await refusal(service.basins.settings("other-basin"))).toBe("basin_not_found");
  });

  test("is a state until its streams are gone and somebody has looked again", async () => {
    const { service, clock } = await createHarness();
    await service.basins.delete(BASIN);
    await clock.advance(0);
    expect(await service.basins.settings(BASIN)).toEqual(DEFAULT_BASIN);
    for (const doing of [
      () => service.basins.create(BASIN, DEFAULT_BASIN, undefined),
      () => service.basins.ensure(BASIN, DEFAULT_BASIN),
      () => service.basins.patch(BASIN, {}),
      () => service.streams.create(BASIN, "t", EMPTY_LAYER, undefined),
      () => service.streams.ensure(BASIN, "t", EMPTY_LAYER),
    ]) {
      expect(await refusal(doing())).toBe("basin_deletion_pending");
    }
    const page = await service.basins.list({ prefix: "", startAfter: "", limit: 0 });
    expect(page.items.map((item) => [item.name, item.deletedAt === null])).toEqual([[BASIN, false]]);
    await clock.advance(66_000);
    expect(await refusal(service.basins.settings(BASIN))).toBe("basin_not_found");
    await service.basins.create(BASIN, DEFAULT_BASIN, undefined);
  });

  test("of a basin that is not there is refused", async () => {
    const { service } = await createHarness();
    expect(await refusal(service.basins.delete("other-basin"))).toBe("basin_not_found");
  });
});

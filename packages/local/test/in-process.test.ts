import { type S2Error, S2Error as S2ErrorClass } from "@s2-dev/streamstore-core/transport";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LocalServer, startLocal } from "../src/index.js";
import { createHeldStorage } from "./held-storage.js";

const BASIN = "in-process-basin";

let local: LocalServer;
beforeEach(async () => {
  local = await startLocal({
    listen: false,
    init: { basins: [{ name: BASIN, config: { create_stream_on_append: true }, streams: [{ name: "s" }] }] },
  });
});
afterEach(() => local.close());

const OPTIONS = { attempt: 1, authorization: "" };
const signal = (): AbortSignal => new AbortController().signal;

function get(path: string, abort = signal()) {
  return local.transport.exchange(
    { method: "GET", url: `${local.origin}/v1${path}`, headers: { "s2-basin": BASIN } },
    { ...OPTIONS, signal: abort },
  );
}

function openRead(query: string) {
  return local.transport.openRead(
    {
      method: "GET",
      url: `${local.origin}/v1/streams/s/records?${query}`,
      headers: { "s2-basin": BASIN },
    },
    { as: "string", unsafeTimestamps: "error" },
    OPTIONS,
  );
}

async function failure(promise: Promise<unknown>): Promise<S2Error> {
  const thrown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(thrown).toBeInstanceOf(S2ErrorClass);
  return thrown as S2Error;
}

describe("a server that does not listen", () => {
  test("has no port, and answers through its transport", async () => {
    expect(local.port).toBe(0);
    const answer = await get("/streams");
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(Buffer.from(answer.body).toString())).toMatchObject({ streams: [{ name: "s" }] });
  });

  test("is there too for one that listens", async () => {
    await using listening = await startLocal({ init: { basins: [{ name: BASIN }] } });
    const url = `${listening.origin}/v1/basins`;
    const over = await listening.transport.exchange(
      { method: "GET", url, headers: {} },
      { ...OPTIONS, signal: signal() },
    );
    expect(Buffer.from(over.body).toString()).toBe(await (await fetch(url)).text());
  });

  test("gives up a call that is aborted, and lets go of what it did", async () => {
    const controller = new AbortController();
    const waiting = get("/streams/s/records?wait=60", controller.signal);
    while (followers() === 0) await turn();
    controller.abort("enough");
    expect(await failure(waiting)).toMatchObject({ code: "ABORTED", cause: "enough" });
    while (followers() > 0) await turn();
    const aborted = AbortSignal.abort("before");
    expect(await failure(get("/streams", aborted))).toMatchObject({ code: "ABORTED", cause: "before" });
  });

  test("performs faults on it", async () => {
    local.faults.add({ on: { times: 1 }, do: { kind: "cut", how: "destroy" } });
    expect(await failure(get("/streams"))).toMatchObject({ code: "CONNECTION_LOST", sideEffect: "possible" });
    local.faults.add({ on: { times: 1 }, do: { kind: "cut", how: "end", insteadOf: 1, part: true } });
    expect((await failure(get("/streams"))).code).toBe("CONNECTION_LOST");
    expect((await get("/streams")).status).toBe(200);
  });

  test("says nothing more once it is closed, and ends what was open", async () => {
    const link = openRead("seq_num=0");
    expect((await link.next())?.records).toEqual([]);
    const next = failure(link.next());
    await local.close();
    expect(await next).toMatchObject({ code: "server_draining" });
    expect((await failure(get("/streams"))).code).toBe("SESSION_CLOSED");
    expect((await failure(openRead("seq_num=0").opened)).code).toBe("SESSION_CLOSED");
  });

  test("cuts off at its end what does not end by itself", async () => {
    const storage = createHeldStorage();
    const stuck = await startLocal({
      listen: false,
      drainMs: 0,
      storage,
      init: { basins: [{ name: BASIN, streams: [{ name: "s" }] }] },
    });
    const call = stuck.transport.exchange(
      {
        method: "POST",
        url: `${stuck.origin}/v1/streams/s/records`,
        headers: { "s2-basin": BASIN, "content-type": "application/json" },
        body: Buffer.from('{"records":[{}]}'),
      },
      { ...OPTIONS, signal: signal() },
    );
    const failed = failure(call);
    // It never becomes durable.
    while (storage.held !== 1) await turn();
    await stuck.close();
    expect((await failed).code).toBe("SESSION_CLOSED");
  });

  test("keeps what it stores to itself: a reader may change what it got", async () => {
    const opening = await local.service.records.openAppend({ basin: BASIN, stream: "s" });
    const record = { timestamp: undefined, headers: [], body: Buffer.from("kept") };
    await opening.append({ records: [record], match_seq_num: undefined, fencing_token: undefined });
    const bodies: string[] = [];
    for (let times = 0; times < 2; times += 1) {
      const link = local.transport.openRead(
        {
          method: "GET",
          url: `${local.origin}/v1/streams/s/records?seq_num=0&count=1`,
          headers: { "s2-basin": BASIN },
        },
        { as: "bytes", unsafeTimestamps: "error" },
        OPTIONS,
      );
      const [read] = (await link.next())?.records ?? [];
      bodies.push(Buffer.from(read?.body ?? []).toString());
      read?.body?.fill(0);
      expect(await link.next()).toBeNull();
    }
    expect(bodies).toEqual(["kept", "kept"]);
  });

  test("holds a reader back that does not pull", async () => {
    const opening = await local.service.records.openAppend({ basin: BASIN, stream: "s" });
    for (let count = 0; count < 50; count += 1) {
      const record = { timestamp: undefined, headers: [], body: Buffer.alloc(100_000) };
      await opening.append({ records: [record], match_seq_num: undefined, fencing_token: undefined });
    }
    const link = openRead("seq_num=0&count=50");
    await link.opened;
    for (let count = 0; count < 20; count += 1) await turn();
    expect(link.bytesReceived).toBeLessThan(3_000_000);
    let records = 0;
    for (let batch = await link.next(); batch !== null; batch = await link.next())
      records += batch.records.length;
    expect(records).toBe(50);
    expect(link.bytesReceived).toBeGreaterThan(5_000_000);
  });
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const followers = (): number => local.service.live.peek(BASIN, "s")?.followers ?? 0;

import { encodeAppendAck, encodeReadBatch } from "@s2-dev/streamstore-core/wire";
import { describe, expect, it, vi } from "vitest";
import { S2 } from "./index.js";

const PROTOBUF = { "content-type": "application/protobuf" };
const at = (seq_num: number) => ({ seq_num, timestamp: 1 });

/** A service that has one record and takes any. */
async function service(url: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  if (init.method === "POST")
    return new Response(encodeAppendAck({ start: at(1), end: at(2), tail: at(2) }) as BodyInit, {
      headers: PROTOBUF,
    });
  if (url.endsWith("/tail")) return Response.json({ tail: at(1) });
  if (headers.get("accept") === "text/event-stream")
    return new Response(
      `event: batch\nid: 0,1,9\ndata: {"records":[{"seq_num":0,"timestamp":1,"body":"a"}]}\n\ndata: [DONE]\n\n`,
      { headers: { "content-type": "text/event-stream" } },
    );
  const body = new TextEncoder().encode("a");
  return new Response(
    encodeReadBatch({ records: [{ ...at(0), headers: [], body }], tail: undefined }) as BodyInit,
    { headers: PROTOBUF },
  );
}

const client = () => new S2({ accessToken: "token", fetch: service });
const stream = () => client().basin("test-basin").stream("s");

describe("the entry for browsers and workers loads what it needs when it needs it", () => {
  it("opens read sessions", async () => {
    const bodies: string[] = [];
    for await (const { body } of await stream().readSession({ seq_num: 0 })) bodies.push(body);
    expect(bodies).toEqual(["a"]);
  });

  it("opens append sessions", async () => {
    const session = await stream().appendSession();
    expect(await session.submit({ body: "b" })).toMatchObject({ start: { seq_num: 1 } });
    await session.close();
  });

  it("reads, appends and checks the tail without a session", async () => {
    const handle = stream();
    expect((await handle.read({ seq_num: 0 })).records).toMatchObject([{ seq_num: 0, body: "a" }]);
    expect(await handle.append({ body: "b" })).toMatchObject({ start: { seq_num: 1 } });
    expect(await handle.checkTail()).toEqual({ tail: at(1) });
  });

  it("refuses what is wrong as where all is there, naming it", async () => {
    const invalid = (what: string) => ({ code: "INVALID_ARGUMENT", message: expect.stringContaining(what) });
    const handle = stream();
    await expect(handle.readSession({ count: -1 })).rejects.toMatchObject(invalid("count"));
    await expect(handle.read({ seq_num: 1.5 })).rejects.toMatchObject(invalid("seq_num"));
    const holed = [{ body: "a" }];
    holed[2] = { body: "b" };
    await expect(handle.append(holed)).rejects.toMatchObject(invalid("records[1]"));
    await expect(handle.append([])).rejects.toMatchObject(invalid("records"));
    await expect(handle.appendSession({ maxInflightBytes: 1 })).rejects.toMatchObject(
      invalid("maxInflightBytes"),
    );
  });

  it("appends what it was given, though that is changed while the code is on its way", async () => {
    vi.resetModules();
    const { S2: Fresh } = await import("./index.js");
    const sent: Uint8Array[] = [];
    const fetch = (url: string, init: RequestInit): Promise<Response> => {
      sent.push(new Uint8Array(init.body as Uint8Array));
      return service(url, init);
    };
    const handle = new Fresh({ accessToken: "token", fetch }).basin("test-basin").stream("s");
    const body = new TextEncoder().encode("given");
    const records = [{ body }];
    const appended = handle.append(records);
    body.fill(0);
    records.push({ body });
    expect(await appended).toMatchObject({ start: { seq_num: 1 } });
    const inputs = sent.map((bytes) => new TextDecoder().decode(bytes));
    expect(inputs).toEqual([expect.stringContaining("given")]);
    expect(inputs[0]).not.toContain("\0");
  });

  it("opens no session on a handle that was closed while the code was on its way", async () => {
    vi.resetModules();
    const { S2: Fresh } = await import("./index.js");
    const handle = new Fresh({ accessToken: "token", fetch: service }).basin("test-basin").stream("s");
    const opening = [handle.readSession({ seq_num: 0 }), handle.appendSession()];
    const closed = handle.close();
    for (const session of opening) await expect(session).rejects.toMatchObject({ code: "SESSION_CLOSED" });
    await closed;
  });
});

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findS2Lite, startS2Lite } from "@s2-dev/conformance/servers/s2-lite.js";
import { type OpenBasin, openBasin } from "@s2-dev/example-basin";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { buildWorker } from "../build.mjs";
import { envOf, type RunningWorker, startWorker } from "../src/workerd.js";

const lite = findS2Lite();
const hasLite = lite !== undefined || process.env.S2_LITE_REQUIRED === "1";
if (!hasLite) console.warn("SKIPPED: the worker on s2-lite; there is no s2 binary");

let folder: string;
let file: string;
let place: OpenBasin;
let worker: RunningWorker;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudflare-worker-"));
  file = join(folder, "worker.mjs");
  await buildWorker(file, { fromSources: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** As the README says: the environment names the server. */
async function openOnS2Lite(): Promise<OpenBasin> {
  if (lite === undefined) throw new Error("there is no s2 binary");
  const { origin, stop } = await startS2Lite(lite);
  vi.stubEnv("S2_ACCOUNT_ENDPOINT", origin);
  vi.stubEnv("S2_BASIN_ENDPOINT", origin);
  const opened = await openBasin();
  const { s2, basin } = opened;
  await s2.basins.create({ basin: basin.name, config: { create_stream_on_append: true } });
  const close = async () => {
    await opened.close();
    await stop();
    vi.unstubAllEnvs();
  };
  return { ...opened, close };
}

const newStream = () => `stream-${crypto.randomUUID()}`;
const ask = (path: string, init?: RequestInit) => fetch(`${worker.url}/streams/${path}`, init);
const post = (name: string, body: string) => ask(name, { method: "POST", body });

/** Reads events until so many messages have come, then goes away. */
async function messages(name: string, count: number, lastEventId?: string) {
  const headers = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
  const leaving = new AbortController();
  const response = await ask(`${name}/events`, { headers, signal: leaving.signal });
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const found: { id: string; body: string }[] = [];
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const [, id = ""] = /^id: (.*)$/m.exec(event) ?? [];
      const [, data] = /^data: (.*)$/m.exec(event) ?? [];
      const isMessage = data !== undefined && !/^event: /m.test(event);
      if (isMessage) found.push({ id, body: (JSON.parse(data) as { body: string }).body });
    }
    if (found.length >= count) break;
  }
  leaving.abort();
  return found.slice(0, count);
}

describe.each(hasLite ? ["local", "s2-lite"] : ["local"])("the worker, in workerd, on %s", (server) => {
  beforeAll(async () => {
    place = await (server === "local" ? openBasin() : openOnS2Lite());
    worker = await startWorker(file, envOf(place));
  });
  afterAll(async () => {
    await worker?.[Symbol.asyncDispose]();
    await place?.close();
  });

  it("appends what is posted, and gives all of it as lines", async () => {
    const name = newStream();
    for (const [index, body] of ["one", "zwei\n2", "三"].entries()) {
      const response = await post(name, body);
      expect([response.status, await response.json()]).toEqual([201, { seq_num: index }]);
    }
    const response = await ask(name);
    expect(response.headers.get("x-records")).toBe("3");
    const lines = (await response.text()).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { seq_num: 0, body: "one" },
      { seq_num: 1, body: "zwei\n2" },
      { seq_num: 2, body: "三" },
    ]);
  });

  it("streams more than a worker's answer in one piece", async () => {
    const name = newStream();
    const stream = place.basin.stream(name);
    for (let batch = 0; batch < 8; batch += 1) {
      await stream.append(Array.from({ length: 10 }, () => ({ body: "x".repeat(100_000) })));
    }
    const lines = (await (await ask(name)).text()).trimEnd().split("\n");
    expect(lines).toHaveLength(80);
    expect(JSON.parse(lines[79] ?? "")).toEqual({ seq_num: 79, body: "x".repeat(100_000) });
  });

  it("follows live, and goes on behind the last event for a reader that comes back", async () => {
    const name = newStream();
    await post(name, "one");
    await post(name, "two");
    const following = messages(name, 3);
    await post(name, "three");
    const first = await following;
    expect(first.map(({ body }) => body)).toEqual(["one", "two", "three"]);
    await post(name, "four");
    const second = await messages(name, 2, first[1]?.id);
    expect(second.map(({ body }) => body)).toEqual(["three", "four"]);
  });

  it("serves requests at the same time", async () => {
    const name = newStream();
    await Promise.all(Array.from({ length: 20 }, (_, index) => post(name, `${index}`)));
    const lines = (await (await ask(name)).text()).trimEnd().split("\n");
    const bodies = lines.map((line) => Number((JSON.parse(line) as { body: string }).body));
    expect(bodies.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  it("answers what the service refuses by its status and code", async () => {
    const response = await ask(newStream());
    expect([response.status, await response.json()]).toEqual([404, { code: "stream_not_found" }]);
    expect((await fetch(`${worker.url}/elsewhere`)).status).toBe(404);
    expect((await ask("name", { method: "DELETE" })).status).toBe(405);
  });

  it("ends when it is told to, also while somebody follows", async () => {
    await using short = await startWorker(file, envOf(place));
    const name = newStream();
    await place.basin.stream(name).append({ body: "one" });
    const response = await fetch(`${short.url}/streams/${name}/events`);
    await short[Symbol.asyncDispose]();
    await expect(response.text()).rejects.toThrow();
  });
});

it("is a bundle without any module of Node", async () => {
  const text = await readFile(file, "utf8");
  expect(text).not.toMatch(/["']node:/);
});

import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { serve } from "@hono/node-server";
import { type OpenBasin, openBasin } from "@s2-dev/example-basin";
import type { S2Stream } from "@s2-dev/streamstore";
import { EventSource } from "undici";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createApp } from "../src/app.js";

/** The app on a port, whose connections can be cut. */
interface Site {
  readonly port: number;
  cut(): void;
  /** Ends the streams of its readers, and goes on listening. */
  leave(): void;
  /** Lets its readers go, then closes. */
  close(): Promise<void>;
}

async function startSite(stream: S2Stream, port = 0): Promise<Site> {
  const leaving = new AbortController();
  const server = serve({ fetch: createApp(stream, leaving.signal).fetch, hostname: "127.0.0.1", port });
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await once(server, "listening");
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    leave: () => leaving.abort(),
    async close() {
      leaving.abort();
      cut();
      await new Promise((closed) => server.close(closed));
    },
  };
}

let place: OpenBasin;
let stream: S2Stream;
let site: Site;
const sources: EventSource[] = [];

beforeAll(async () => {
  place = await openBasin();
});
afterAll(() => place.close());
beforeEach(async () => {
  const name = `messages/${crypto.randomUUID()}`;
  await place.basin.streams.ensure({ stream: name });
  stream = place.basin.stream(name);
  site = await startSite(stream);
});
afterEach(async () => {
  for (const source of sources.splice(0)) source.close();
  await site.close();
});

/** A page, as far as events go: what it was told, and how often it has connected. */
function openPage() {
  const source = new EventSource(`http://127.0.0.1:${site.port}/events`);
  sources.push(source);
  const page = { bodies: [] as string[], connections: 0 };
  source.addEventListener("open", () => {
    page.connections += 1;
  });
  source.addEventListener("message", ({ data }) => {
    page.bodies.push((JSON.parse(data) as { body: string }).body);
  });
  return page;
}

const post = (body: string) => fetch(`http://127.0.0.1:${site.port}/messages`, { method: "POST", body });
const connected = (page: ReturnType<typeof openPage>, times: number) =>
  expect.poll(() => page.connections, { timeout: 30_000 }).toBeGreaterThanOrEqual(times);
const received = (page: ReturnType<typeof openPage>, bodies: string[]) =>
  expect.poll(() => page.bodies, { timeout: 30_000 }).toEqual(bodies);

describe("a page that follows by events", () => {
  it("is shown what is posted, and at first the last ten messages", async () => {
    const early = Array.from({ length: 12 }, (_, index) => `early ${index}`);
    for (const body of early) expect((await post(body)).status).toBe(201);
    const page = openPage();
    await received(page, early.slice(2));
    expect(await (await post("late")).json()).toEqual({ seq_num: 12 });
    await received(page, [...early.slice(2), "late"]);
  });

  it("loses and repeats nothing when its connection is cut, also while messages come", async () => {
    const page = openPage();
    await connected(page, 1);
    const sent: string[] = [];
    for (let cut = 1; cut <= 5; cut += 1) {
      for (let index = 0; index < 20; index += 1) {
        sent.push(`${cut}.${index}`);
        await stream.append({ body: `${cut}.${index}` });
        if (index === 10) site.cut();
      }
      await connected(page, cut + 1);
    }
    await received(page, sent);
    expect(page.connections).toBe(6);
  });

  it("goes on with another server, which knows nothing of it", async () => {
    const page = openPage();
    await connected(page, 1);
    await post("before");
    await received(page, ["before"]);
    const { port } = site;
    await site.close();
    await stream.append({ body: "meanwhile" });
    site = await startSite(stream, port);
    await stream.append({ body: "after" });
    await received(page, ["before", "meanwhile", "after"]);
  });

  it("comes back also when it has asked a server that was about to leave", async () => {
    const page = openPage();
    await connected(page, 1);
    site.leave();
    await connected(page, 3);
    const { port } = site;
    await site.close();
    site = await startSite(stream, port);
    await stream.append({ body: "after" });
    await received(page, ["after"]);
  });

  it("is refused a position of another stream", async () => {
    const headers = { "last-event-id": "nonsense" };
    const response = await fetch(`http://127.0.0.1:${site.port}/events`, { headers });
    expect(response.status).toBe(400);
  });
});

it("serves the page", async () => {
  const response = await fetch(`http://127.0.0.1:${site.port}/`);
  expect(response.headers.get("content-type")).toContain("text/html");
  expect(await response.text()).toContain('new EventSource("/events")');
});

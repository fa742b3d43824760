import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { freshBasinName } from "@s2-dev/conformance/names.js";
import { S2 } from "@s2-dev/streamstore";
import { type LocalServer, startLocal } from "@s2-dev/streamstore-local";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { SharedClientRequest } from "../src/guest/shared-client.js";
import { type RunningWorker, startWorkerd } from "../src/host/workerd.js";

const { project, provisions } = inject("surroundings");
const only = process.env.S2_RUNTIME;
const found = provisions.workerd ?? { missing: "it was not looked for" };

/** Gives tokens when the test says so. */
interface TokenService {
  readonly url: string;
  /** Each that asks from now on is answered at once, or waits. */
  answers: boolean;
  /** Resolves when somebody waits. */
  waited(): Promise<void>;
  stop(): void;
}

async function startTokenService(): Promise<TokenService> {
  const waiting: ServerResponse[] = [];
  let wake: () => void = () => undefined;
  const server = createServer((_, response) => {
    if (service.answers) return void response.end("token");
    waiting.push(response);
    wake();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const service: TokenService = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers: true,
    async waited() {
      if (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
  return service;
}

describe.skipIf("missing" in found || (only !== undefined && only !== "workerd"))(
  "a client of a worker's module",
  () => {
    let local: LocalServer;
    let worker: RunningWorker;
    let tokens: TokenService;
    const basin = freshBasinName();

    beforeAll(async () => {
      if ("missing" in found) throw new Error(found.missing);
      local = await startLocal();
      await using beside = new S2({ accessToken: "ignored", endpoints: local.endpoints });
      await beside.basins.create({ basin, config: { create_stream_on_append: true } });
    });
    afterAll(() => local.close());

    const start = async (): Promise<void> => {
      if ("missing" in found) throw new Error(found.missing);
      tokens = await startTokenService();
      worker = await startWorkerd(found.binary, project, "shared-client", 120_000);
    };
    const stop = async (): Promise<void> => {
      await worker[Symbol.asyncDispose]();
      tokens.stop();
    };
    const ask = async (body: string, signal?: AbortSignal): Promise<string> => {
      const asked: SharedClientRequest = {
        origin: local.origin,
        basin,
        stream: "s",
        tokens: tokens.url,
        body,
      };
      const url = `${worker.url}?${new URLSearchParams({ ...asked })}`;
      const response = await fetch(url, signal === undefined ? {} : { signal });
      return response.text();
    };

    it("serves requests that come one after the other, and at the same time", async () => {
      await start();
      try {
        expect(await ask("first")).toBe("first");
        expect(await ask("second")).toBe("second");
        const bodies = Array.from({ length: 10 }, (_, index) => `at once ${index}`);
        expect(await Promise.all(bodies.map((body) => ask(body)))).toEqual(bodies);
      } finally {
        await stop();
      }
    });

    it("waits for nothing that a request which is gone had asked for: the next one gets a token of its own", async () => {
      await start();
      try {
        tokens.answers = false;
        const leaving = new AbortController();
        const left = ask("left", leaving.signal).catch(() => "gone");
        await tokens.waited();
        leaving.abort();
        expect(await left).toBe("gone");
        tokens.answers = true;
        expect(await ask("after it")).toBe("after it");
      } finally {
        await stop();
      }
    });
  },
);

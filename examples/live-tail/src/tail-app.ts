import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isS2Error, type S2, type S2Stream } from "@s2-dev/streamstore";
import { issueReaderToken } from "@s2-dev/streamstore-patterns/tokens";
import { Hono } from "hono";
import type { Access } from "./access.js";

/** How long a page's token is good, and how long the page uses it, in milliseconds. */
const TOKEN_LIFE = 15 * 60_000;
const TOKEN_USE = 12 * 60_000;

export interface TailOptions {
  readonly s2: S2;
  readonly stream: S2Stream;
  /** Where the page finds the stream; `undefined`: at the service. */
  readonly endpoint: string | undefined;
  /** The folder that the page was built into. */
  readonly page: string;
}

const TYPES: Readonly<Record<string, string>> = {
  "index.html": "text/html; charset=utf-8",
  "main.js": "text/javascript; charset=utf-8",
  "style.css": "text/css; charset=utf-8",
};

/** Serves the page, and a token for it. Who may have one is for your own sign-in to say, before `/access`. */
export function createTailApp(options: TailOptions): Hono {
  const connects = options.endpoint ?? `https://${options.stream.basin}.b.s2.dev`;
  const policy = `default-src 'self'; img-src data:; connect-src 'self' ${connects}`;
  return new Hono()
    .get("/access", async (c) => {
      c.header("cache-control", "no-store");
      return c.json(await accessTo(options));
    })
    .get("/:file?", async (c) => {
      const name = c.req.param("file") ?? "index.html";
      const type = TYPES[name];
      if (type === undefined) return c.notFound();
      const headers = { "content-type": type, "content-security-policy": policy };
      return c.body(await readFile(join(options.page, name)), 200, headers);
    });
}

async function accessTo({ s2, stream, endpoint }: TailOptions): Promise<Access> {
  const { basin, name } = stream;
  const place = { basin, stream: name, endpoint, goodForMillis: TOKEN_USE };
  try {
    const token = await issueReaderToken(s2.accessTokens, {
      basin,
      stream: name,
      expiresInMillis: TOKEN_LIFE,
    });
    return { ...place, token: token.reveal() };
  } catch (error) {
    // The open-source server has no tokens: there any text will do.
    if (isS2Error(error) && error.status === 501) return { ...place, token: "none" };
    throw error;
  }
}

import { S2Error } from "@s2-dev/streamstore-core/transport";
import { describe, expect, it } from "vitest";
import { startHttpServer } from "../test/http-server.js";
import {
  AS_STRING,
  appendRequest,
  batchOf,
  disposable,
  exchangeOptions,
  readRequest,
  recordEvents,
  rejectionOf,
  unaryRequest,
} from "../test/support.js";
import { createFetchTransport } from "./index.node.js";
import { redactBody, redactError } from "./redact.js";

const TOKEN = "s2_a-token+of/some.length==";
const ATTEMPT = { attempt: 1, authorization: `Bearer ${TOKEN}` };
const ECHO = JSON.stringify({ code: "permission_denied", message: `no: Bearer ${TOKEN}` });

describe("an access token that is echoed", () => {
  it("is in no error of a call: neither from a server nor from a fetch [D1-61]", async () => {
    await using server = await startHttpServer(({ response }) => response.writeHead(403).end(ECHO));
    await using transport = disposable(createFetchTransport());
    const answer = await transport.exchange(unaryRequest(server.url), { ...exchangeOptions(), ...ATTEMPT });
    expect(JSON.parse(Buffer.from(answer.body).toString())).toMatchObject({
      message: "no: Bearer <redacted>",
    });

    const talkative = createFetchTransport({
      fetch: (_url, init) => Promise.reject(new Error(`failed with ${JSON.stringify(init.headers)}`)),
    });
    const error = await rejectionOf(
      talkative.exchange(unaryRequest(server.url), { ...exchangeOptions(), ...ATTEMPT }),
    );
    expect(error.message).toContain("<redacted>");
    expect(error.message).not.toContain(TOKEN);
    expect(error.cause).toBeInstanceOf(Error);
  });

  it("is in no error of a session: neither when it is refused nor when it fails", async () => {
    let open = false;
    await using server = await startHttpServer(({ response }) => {
      if (!open) response.writeHead(403).end(ECHO);
      else
        response
          .writeHead(200, { "content-type": "text/event-stream" })
          .end(`event: error\ndata: ${ECHO}\n\n`);
    });
    await using transport = disposable(createFetchTransport());
    const refused = await rejectionOf(transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT).opened);
    const recorder = recordEvents();
    const link = transport.openAppend(appendRequest(server.url), recorder.events, ATTEMPT);
    await recorder.opened;
    link.send(batchOf(1));
    const failed = await recorder.ended;
    open = true;
    const read = await rejectionOf(transport.openRead(readRequest(server.url), AS_STRING, ATTEMPT).next());
    for (const error of [refused, failed, read]) {
      expect(error).toMatchObject({ code: "permission_denied", message: "no: Bearer <redacted>" });
    }
  });

  it("is looked for only in what is no success, and a word is no token", () => {
    const body = Buffer.from(ECHO);
    expect(redactBody(200, body, ATTEMPT)).toBe(body);
    expect(redactBody(403, body, { attempt: 1, authorization: "Bearer no" })).toBe(body);
    expect(redactBody(403, body, { attempt: 1, authorization: "" })).toBe(body);
    expect(redactBody(403, Buffer.alloc(0), ATTEMPT)).toHaveLength(0);
  });

  it("costs the error nothing else", () => {
    const init = {
      message: TOKEN,
      code: "unavailable",
      status: 503,
      data: { a: 1 },
      origin: "server",
      cause: new Error("x"),
      sideEffect: "none",
      retryable: true,
      retryAfterMillis: 7,
    } as const;
    expect(redactError(new S2Error(init), ATTEMPT)).toMatchObject({ ...init, message: "<redacted>" });
    const clean = new S2Error({ message: "clean" });
    expect(redactError(clean, ATTEMPT)).toBe(clean);
  });
});

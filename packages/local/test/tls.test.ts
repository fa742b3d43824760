import { once } from "node:events";
import * as http2 from "node:http2";
import { request } from "node:https";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LocalServer, startLocal } from "../src/index.js";

let local: LocalServer;
beforeEach(async () => {
  local = await startLocal({ tls: "self-signed", drainMs: 0 });
});
afterEach(() => local.close());

/** Asks for health over HTTP/1.1, trusting only this certificate. */
function health(ca: string | undefined): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(`${local.origin}/health`, { ...(ca === undefined ? {} : { ca }), agent: false });
    sent.on("response", (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode));
    });
    sent.on("error", reject);
    sent.end();
  });
}

describe("a server with TLS", () => {
  test("speaks HTTP/1.1 and HTTP/2, as agreed on, to those who trust its certificate", async () => {
    expect(local.origin).toBe(`https://127.0.0.1:${local.port}`);
    const ca = local.certificate ?? "";
    expect(await health(ca)).toBe(200);
    const session = http2.connect(local.origin, { ca });
    const stream = session.request({ ":path": "/health" });
    const [headers] = (await once(stream, "response")) as [http2.IncomingHttpHeaders];
    expect(headers[":status"]).toBe(200);
    expect(session.alpnProtocol).toBe("h2");
    session.destroy();
  });

  test.each([
    [["h2", "http/1.1"], "h2"],
    [["http/1.1", "h2"], "h2"],
    [["http/1.1"], "http/1.1"],
    [undefined, false],
  ])("agrees with a client that offers %j on %j", async (offered, expected) => {
    const socket = connectTls({
      host: "127.0.0.1",
      port: local.port,
      ca: local.certificate,
      ...(offered === undefined ? {} : { ALPNProtocols: offered }),
    });
    await once(socket, "secureConnect");
    expect(socket.alpnProtocol).toBe(expected);
    socket.destroy();
  });

  test("is not trusted by others, and lives on", async () => {
    await expect(health(undefined)).rejects.toMatchObject({
      code: expect.stringMatching(/SELF_SIGNED|UNABLE_TO_VERIFY/),
    });
    expect(await health(local.certificate)).toBe(200);
  });

  test("ends connections that do not speak TLS, or say nothing, when it closes", async () => {
    const plain = connectTcp(local.port, "127.0.0.1");
    plain.on("error", () => undefined);
    plain.write("GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
    await once(plain, "close");
    const silent = connectTcp(local.port, "127.0.0.1");
    silent.on("error", () => undefined);
    await once(silent, "connect");
    expect(await health(local.certificate)).toBe(200);
    const closed = once(silent, "close");
    await local.close();
    await closed;
  });
});

test("a server without TLS has no certificate", async () => {
  await using plain = await startLocal();
  expect(plain.certificate).toBeUndefined();
  expect(plain.origin).toBe(`http://127.0.0.1:${plain.port}`);
});

import { request as httpRequest } from "node:http";
import type * as http2 from "node:http2";
import { END_OF_BODY, type Vector } from "./vectors.js";

/** An answer, as it came. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Whether the body ended as it should. */
  readonly complete: boolean;
}

/** Sends a recorded request over HTTP/1.1 and calls back with every piece of the answer. */
export function sendOverHttp1(
  origin: string,
  { method, path, headers, ...rest }: Vector["request"],
  onData: (soFar: Buffer) => void = () => undefined,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const url = new URL(origin);
    const request = httpRequest({ host: url.hostname, port: url.port, method, path, headers, agent: false });
    request.on("error", reject);
    request.on("response", (response) => {
      let body = Buffer.alloc(0);
      response.on("data", (chunk: Buffer) => {
        body = Buffer.concat([body, chunk]);
        onData(body);
      });
      response.on("close", () => {
        request.destroy();
        const answered = Object.fromEntries(
          Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
        );
        resolve({ status: response.statusCode ?? 0, headers: answered, body, complete: response.complete });
      });
    });
    writeBody(request, rest);
  });
}

/** The same over HTTP/2 with prior knowledge. */
export function sendOverHttp2(
  session: http2.ClientHttp2Session,
  { method, path, headers, ...rest }: Vector["request"],
  onData: (soFar: Buffer) => void = () => undefined,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ":method": method, ":path": path, ...headers }, { endStream: false });
    let answered: Record<string, string> = {};
    let status = 0;
    let ended = false;
    let body = Buffer.alloc(0);
    stream.on("error", reject);
    stream.on("response", (received) => {
      status = Number(received[":status"]);
      answered = Object.fromEntries(Object.entries(received).map(([name, value]) => [name, String(value)]));
    });
    stream.on("data", (chunk: Buffer) => {
      body = Buffer.concat([body, chunk]);
      onData(body);
    });
    stream.on("end", () => {
      ended = true;
    });
    stream.on("close", () => resolve({ status, headers: answered, body, complete: ended }));
    writeBody(stream, rest);
  });
}

function writeBody(
  target: { write(data: Buffer): unknown; end(): unknown },
  request: Pick<Vector["request"], "body" | "body_hex" | "chunks_hex">,
): void {
  if (request.body !== undefined) target.write(Buffer.from(request.body));
  if (request.body_hex !== undefined) target.write(Buffer.from(request.body_hex, "hex"));
  for (const chunk of request.chunks_hex ?? [])
    if (chunk !== END_OF_BODY) target.write(Buffer.from(chunk, "hex"));
  if (request.chunks_hex === undefined || request.chunks_hex.at(-1) === END_OF_BODY) target.end();
  // Headers go out with the first byte of the body, or with nothing.
  else if (request.chunks_hex.length === 0) target.write(Buffer.alloc(0));
}

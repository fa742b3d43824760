import type { FuzzRequest } from "./fuzz-request.js";

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const TARGET = /^[\x21-\x7e\x80-\xff]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Headers that decide where a message ends, or what becomes of its connection. */
const FRAMING = new Set(["content-length", "transfer-encoding", "connection", "upgrade", "expect", "host"]);

/** Text of which each character stands for one byte, as far as it can. */
export function latin1(text: string): Buffer {
  return /^[\0-\xff]*$/.test(text) ? Buffer.from(text, "latin1") : Buffer.from(text, "utf8");
}

export function targetOf({ path, query }: FuzzRequest): string {
  return query === "" ? path : `${path}?${query}`;
}

/** Whether the request is one by the grammar of HTTP, so that its connection can be used again. */
export function isWellFramed(request: FuzzRequest): boolean {
  return (
    TOKEN.test(request.method) &&
    request.method !== "CONNECT" &&
    TARGET.test(targetOf(request)) &&
    request.headers.every(([name, value]) => TOKEN.test(name) && VALUE.test(value) && !FRAMING.has(name))
  );
}

/** The request as HTTP/1.1 text, with a host and the length of its body. */
export function http1BytesOf(request: FuzzRequest): Buffer {
  const { method, headers, body } = request;
  const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const length = body.length === 0 && method === "GET" ? "" : `content-length: ${body.length}\r\n`;
  return Buffer.concat([
    latin1(`${method} ${targetOf(request)} HTTP/1.1\r\nhost: x\r\n${head}${length}\r\n`),
    body,
  ]);
}

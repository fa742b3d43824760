import type { Choice } from "./choice.js";
import type { FuzzRequest } from "./fuzz-request.js";
import { http1BytesOf, latin1, targetOf } from "./http1-text.js";
import { mutateBytes } from "./mutate-bytes.js";

const LENGTHS = [
  "0",
  "1",
  "-1",
  "+5",
  "0x10",
  "5, 5",
  "5, 6",
  "18446744073709551616",
  "99999999999",
  "",
  "x",
];
const CODINGS = ["chunked", "identity", "gzip, chunked", "chunked, chunked", "xchunked", "chunked\r\n x"];
const VERSIONS = ["HTTP/1.0", "HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/11", "http/1.1", ""];
const SIZES = ["0", "1", "5;ext=1", "ffffffffffffffff", "-1", " 5", "g", ""];

/** An HTTP/1.1 message that is wrong, or odd, in how it is framed. */
export function mutateFraming(choice: Choice, request: FuzzRequest): Buffer {
  const { method, body } = request;
  const first = `${method} ${targetOf(request)}`;
  const headers = request.headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  switch (choice.int(8)) {
    case 0:
      return withBody(
        `${first} HTTP/1.1\r\nhost: x\r\n${headers}content-length: ${choice.pick(LENGTHS)}\r\n\r\n`,
        body,
      );
    case 1:
      return withBody(
        `${first} HTTP/1.1\r\nhost: x\r\n${headers}transfer-encoding: ${choice.pick(CODINGS)}\r\n\r\n`,
        chunked(choice, body),
      );
    case 2:
      return withBody(
        `${first} HTTP/1.1\r\nhost: x\r\n${headers}transfer-encoding: chunked\r\ncontent-length: ${body.length}\r\n\r\n`,
        chunked(choice, body),
      );
    case 3:
      return withBody(`${first} ${choice.pick(VERSIONS)}\r\n${headers}\r\n`, body);
    case 4:
      return latin1(
        http1BytesOf(request)
          .toString("latin1")
          .replaceAll("\r\n", choice.pick(["\n", "\r", "\r\r\n", "\r\n "])),
      );
    case 5:
      return withBody(
        `${first} HTTP/1.1\r\nhost: x\r\n${`x: ${"y".repeat(choice.int(4000))}\r\n`.repeat(choice.int(12))}${headers}\r\n`,
        body,
      );
    case 6:
      return Buffer.concat(Array.from({ length: 1 + choice.int(20) }, () => http1BytesOf(request)));
    default:
      return mutateBytes(choice, http1BytesOf(request));
  }
}

function withBody(head: string, body: Buffer): Buffer {
  return Buffer.concat([latin1(head), body]);
}

/** The body in chunks, of which one may claim another size. */
function chunked(choice: Choice, body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const piece = body.subarray(at, at + 1 + choice.int(16));
    const size = choice.chance(0.05) ? choice.pick(SIZES) : piece.length.toString(16);
    parts.push(Buffer.from(`${size}\r\n`), piece, Buffer.from("\r\n"));
    at += piece.length;
  }
  return Buffer.concat([...parts, Buffer.from(choice.pick(["0\r\n\r\n", "0\r\nx: y\r\n\r\n", "", "0\r\n"]))]);
}

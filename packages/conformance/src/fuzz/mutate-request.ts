import { gzipSync } from "node:zlib";
import type { Choice } from "./choice.js";
import { type FuzzRequest, headerOf } from "./fuzz-request.js";
import { mutateBytes } from "./mutate-bytes.js";
import { mutateFrames } from "./mutate-frames.js";
import { mutateJson } from "./mutate-json.js";
import { mutateProtobuf } from "./mutate-protobuf.js";
import { METHODS, NASTY_HEADER_VALUES, NASTY_INTEGERS, NASTY_TEXTS, ODD_METHODS } from "./nasty.js";

/** The part of a request that is changed. */
export type RequestPart = "method" | "path" | "query" | "headers" | "body";

const QUERY_NAMES = [
  ...["seq_num", "timestamp", "tail_offset", "clamp", "count", "bytes", "until", "wait"],
  ...["prefix", "start_after", "limit", "set", "start", "end", "interval"],
];
const WAITS = ["0", "1", "60"];
const MAX_HEADERS = 120;

/** Changes a part of the request in its place. */
export function mutateRequest(choice: Choice, request: FuzzRequest, part: RequestPart): void {
  switch (part) {
    case "method":
      request.method = choice.chance(0.8) ? choice.pick(METHODS) : choice.pick(ODD_METHODS);
      return;
    case "path":
      request.path = mutatePath(choice, request.path);
      return;
    case "query":
      request.query = mutateQuery(choice, request.query);
      return;
    case "headers":
      mutateHeaders(choice, request.headers);
      return;
    case "body":
      mutateBody(choice, request);
  }
}

function mutatePath(choice: Choice, path: string): string {
  const segments = path.split("/");
  const at = choice.int(segments.length);
  switch (choice.int(7)) {
    case 0:
      segments[at] = encodeURIComponent(wellFormed(choice.pick(NASTY_TEXTS)));
      return segments.join("/");
    case 1:
      segments[at] = choice.pick(NASTY_TEXTS);
      return segments.join("/");
    case 2:
      segments.splice(at, choice.int(2), choice.pick(["..", ".", "", "v1", "%2e%2e", "records", "tail"]));
      return segments.join("/");
    case 3:
      segments[at] = percentEncoded(mutateBytes(choice, Buffer.from(segments[at] ?? "")));
      return segments.join("/");
    case 4:
      return choice.pick([
        "*",
        "",
        "/",
        "//",
        `http://example.com${path}`,
        `${path}/`,
        `${path}#x`,
        "/admin/faults",
      ]);
    case 5:
      return `${path}${"/a".repeat(choice.int(500))}`;
    default:
      return mutateBytes(choice, Buffer.from(path)).toString("latin1");
  }
}

function mutateQuery(choice: Choice, query: string): string {
  const pairs = query === "" ? [] : query.split("&");
  const value = choice.chance(0.6)
    ? choice.pick(NASTY_INTEGERS)
    : encodeURIComponent(wellFormed(choice.pick(NASTY_TEXTS)));
  const name = choice.pick(QUERY_NAMES);
  switch (choice.int(5)) {
    case 0:
      return [...pairs, `${name}=${name === "wait" ? choice.pick(WAITS) : value}`].join("&");
    case 1:
      pairs.splice(choice.int(pairs.length + 1), 1, `${name}=${value}`);
      return pairs.join("&");
    case 2:
      return [...pairs, ...pairs, name, "=", "&"].join("&");
    case 3:
      return Array.from({ length: choice.int(300) }, () => `${choice.pick(QUERY_NAMES)}=${value}`).join("&");
    default:
      return mutateBytes(choice, Buffer.from(query === "" ? `${name}=${value}` : query)).toString("latin1");
  }
}

function mutateHeaders(choice: Choice, headers: [string, string][]): void {
  const at = choice.int(headers.length + 1);
  const name = choice.pick(Object.keys(NASTY_HEADER_VALUES));
  const value = choice.pick(NASTY_HEADER_VALUES[name] as readonly string[]);
  switch (choice.int(7)) {
    case 0:
      headers.splice(at, 1);
      return;
    case 1:
      headers.splice(at, 0, ...headers.slice(at, at + 1));
      return;
    case 2: {
      const header = headers[at];
      if (header !== undefined) header[1] = mutateBytes(choice, Buffer.from(header[1])).toString("latin1");
      return;
    }
    case 3:
      headers.push([name, choice.pick(NASTY_TEXTS)]);
      return;
    case 4:
      for (let left = choice.int(MAX_HEADERS); left > 0; left -= 1) headers.push([`x-${left}`, value]);
      return;
    default: {
      const known = headers.find(([candidate]) => candidate === name);
      if (known === undefined) headers.push([name, value]);
      else known[1] = value;
    }
  }
}

function mutateBody(choice: Choice, request: FuzzRequest): void {
  const type = headerOf(request, "content-type") ?? "";
  const coded = headerOf(request, "content-encoding") === "gzip";
  if (choice.chance(0.05)) request.body = choice.bytes(choice.int(200));
  else if (coded) request.body = mutateBytes(choice, request.body);
  else if (type.startsWith("s2s/")) request.body = mutateFrames(choice, request.body);
  else if (type.includes("protobuf")) request.body = mutateProtobuf(choice, request.body);
  else request.body = mutateJson(choice, request.body.toString());
  if (coded || !choice.chance(0.03)) return;
  request.headers.push(["content-encoding", "gzip"]);
  request.body = gzipSync(request.body);
}

function percentEncoded(bytes: Buffer): string {
  return [...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
}

function wellFormed(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}

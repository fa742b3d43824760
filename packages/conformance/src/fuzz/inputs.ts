import { type Choice, createChoice, seedOf } from "./choice.js";
import { copyOf, type FuzzRequest, headerOf, loadCorpus } from "./fuzz-request.js";
import { http1BytesOf, isWellFramed } from "./http1-text.js";
import { http2BytesOf, mutateHttp2 } from "./http2-text.js";
import { mutateFraming } from "./mutate-framing.js";
import { mutateRequest, type RequestPart } from "./mutate-request.js";

/** What is wrong with an input, and how many of a hundred are of that kind. */
const WEIGHTS = {
  noise: 4,
  method: 3,
  path: 12,
  query: 14,
  headers: 14,
  json: 14,
  protobuf: 9,
  "session frames": 14,
  "several parts": 6,
  "HTTP/1.1 framing": 4,
  "HTTP/2 framing": 2,
  "cut off": 4,
} as const;

export type FuzzKind = keyof typeof WEIGHTS;
export const FUZZ_KINDS = Object.keys(WEIGHTS) as readonly FuzzKind[];

/** One thing that is sent to the server. */
export type FuzzInput = { readonly index: number; readonly kind: FuzzKind } & (
  | { readonly wire: "http/1.1" | "http/2"; readonly request: FuzzRequest }
  /** Bytes on a connection of their own, which is then half-closed or reset. */
  | { readonly wire: "bytes"; readonly bytes: Buffer; readonly ending: "half-close" | "reset" }
);

const HTTP2_SHARE = 0.35;
const RESET_SHARE = 0.5;
const PARTS: readonly RequestPart[] = ["method", "path", "query", "headers", "body"];
const NOISE_STARTS = [
  "",
  "",
  "GET ",
  "POST /v1/streams HTTP/1.1\r\n",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "\x16\x03\x01",
];
const MAX_NOISE = 400;
/** Bytes; more than the server takes. What repetition makes beyond that costs time and shows nothing. */
const MAX_BODY = 2_200_000;
const byKind = Object.entries(WEIGHTS).flatMap(([kind, weight]) =>
  Array.from({ length: weight }, () => kind as FuzzKind),
);

/** Makes input `index` of the run with a seed: always the same one. */
export function createInputs(runSeed: number): (index: number) => FuzzInput {
  const corpus = loadCorpus();
  const withBody = (matches: (type: string) => boolean): readonly FuzzRequest[] =>
    corpus.filter((request) => request.body.length > 0 && matches(headerOf(request, "content-type") ?? ""));
  const bases: Partial<Record<FuzzKind, readonly FuzzRequest[]>> = {
    json: withBody((type) => type.includes("json")),
    protobuf: withBody((type) => type.includes("protobuf")),
    "session frames": withBody((type) => type === "s2s/proto"),
  };

  return (index) => {
    const choice = createChoice(seedOf(runSeed, index));
    const kind = choice.pick(byKind);
    const request = copyOf(choice.pick(bases[kind] ?? corpus));
    const own = bytesOf(choice, kind, request);
    if (own !== undefined) return { index, kind, wire: "bytes", ...own };
    for (const part of partsOf(choice, kind)) mutateRequest(choice, request, part);
    request.body = request.body.subarray(0, MAX_BODY);
    if (choice.chance(HTTP2_SHARE)) return { index, kind, wire: "http/2", request };
    if (isWellFramed(request)) return { index, kind, wire: "http/1.1", request };
    return { index, kind, wire: "bytes", bytes: http1BytesOf(request), ending: "half-close" };
  };
}

function partsOf(choice: Choice, kind: FuzzKind): readonly RequestPart[] {
  switch (kind) {
    case "method":
    case "path":
    case "query":
    case "headers":
      return [kind];
    case "several parts":
      return Array.from({ length: 2 + choice.int(3) }, () => choice.pick(PARTS));
    default:
      return ["body"];
  }
}

type OwnBytes = { readonly bytes: Buffer; readonly ending: "half-close" | "reset" };

/** What can be no request of a well-behaved client. */
function bytesOf(choice: Choice, kind: FuzzKind, request: FuzzRequest): OwnBytes | undefined {
  switch (kind) {
    case "noise": {
      const start = Buffer.from(choice.pick(NOISE_STARTS), "latin1");
      return { bytes: Buffer.concat([start, choice.bytes(choice.int(MAX_NOISE))]), ending: "half-close" };
    }
    case "HTTP/1.1 framing":
      return { bytes: mutateFraming(choice, request), ending: "half-close" };
    case "HTTP/2 framing":
      return { bytes: mutateHttp2(choice, request), ending: "half-close" };
    case "cut off": {
      const whole = choice.chance(0.5) ? http1BytesOf(request) : http2BytesOf(request);
      const ending = choice.chance(RESET_SHARE) ? "reset" : "half-close";
      return { bytes: whole.subarray(0, 1 + choice.int(whole.length)), ending };
    }
    default:
      return undefined;
  }
}

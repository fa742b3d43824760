import type { FrameCodec } from "./runtime.js";

/** What makes a request a session: the service looks at the request's content type, on reads too. */
export const SESSION_HEADERS = { "content-type": "s2s/proto", accept: "application/protobuf" } as const;

/** The service compresses frames with whatever the request says it accepts; so each request says it. */
export const acceptEncoding = {
  headersFor: (codec: FrameCodec | undefined): Readonly<Record<string, string>> => ({
    "accept-encoding": codec?.name ?? "identity",
  }),
  /** Browsers drop this header from requests in silence, and put in what they like. */
  canBeSet(): boolean {
    // Node.js lets one set everything; asking it loads a `fetch` that is not used.
    if (
      typeof (globalThis as { process?: { versions?: { node?: unknown } } }).process?.versions?.node ===
      "string"
    )
      return true;
    const headers = { "accept-encoding": "identity" };
    return new Request("https://localhost/", { headers }).headers.has("accept-encoding");
  },
};

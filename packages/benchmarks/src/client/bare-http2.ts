import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import type { Job } from "../job.js";

/** The windows that every s2s client here asks for, about. */
const WINDOW = 10 << 20;

/** A bare HTTP/2 connection, opened. */
export async function connectBare(job: Job): Promise<ClientHttp2Session> {
  const session = connect(job.endpoint, { settings: { initialWindowSize: WINDOW, enablePush: false } });
  await new Promise<void>((resolve, reject) => {
    session.once("connect", () => resolve());
    session.once("error", reject);
  });
  session.setLocalWindowSize(WINDOW);
  return session;
}

/** Starts a request for the records of a stream. */
export function recordsRequest(
  session: ClientHttp2Session,
  job: Job,
  method: "GET" | "POST",
  { query = "", contentType = "s2s/proto", stream = job.stream } = {},
): ClientHttp2Stream {
  return session.request(
    {
      ":method": method,
      ":path": `/v1/streams/${encodeURIComponent(stream)}/records${query}`,
      "content-type": contentType,
      accept: "application/protobuf",
      authorization: "Bearer ignored",
      "s2-basin": job.basin,
    },
    { endStream: method === "GET" },
  );
}

/** Counts the frames in a byte stream by their heads, keeping none of it. */
export class FrameCounter {
  frames = 0;
  bytes = 0;
  /** Bytes of the current frame still to come. */
  #rest = 0;
  #length = 0;
  #headBytes = 0;

  take(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    let at = 0;
    while (at < chunk.length) {
      if (this.#rest > 0) {
        const step = Math.min(this.#rest, chunk.length - at);
        this.#rest -= step;
        at += step;
      } else {
        this.#length = this.#length * 256 + chunk[at++]!;
        this.#headBytes += 1;
        if (this.#headBytes < 3) continue;
        this.#rest = this.#length;
        this.#length = 0;
        this.#headBytes = 0;
      }
      if (this.#rest === 0 && this.#headBytes === 0) this.frames += 1;
    }
  }
}

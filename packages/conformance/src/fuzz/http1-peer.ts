import { connect, type Socket } from "node:net";
import { AnswerReader } from "./answer-reader.js";
import type { FuzzRequest } from "./fuzz-request.js";
import { http1BytesOf } from "./http1-text.js";
import { isStreaming, type Outcome } from "./outcome.js";

const HOST = "127.0.0.1";
const NOTHING: Buffer = Buffer.alloc(0);
const STREAMING_ANSWER = /content-type: (?:text\/event-stream|s2s\/proto)/i;

/** A client of HTTP/1.1 that uses its connection again where it can. */
export class Http1Peer {
  #socket: Socket | undefined;

  constructor(private readonly port: number) {}

  perform(request: FuzzRequest): Promise<Outcome> {
    const socket = this.#connected();
    const answer = new AnswerReader(request.method === "HEAD");
    return new Promise((resolve, reject) => {
      const done = (closed: boolean): void => {
        socket.removeAllListeners("data").removeAllListeners("close").removeAllListeners("end");
        if (closed || !answer.isComplete || !answer.isReusable) this.#drop(socket);
        const statuses = answer.status === 0 ? [] : [answer.status];
        resolve({ statuses, closed, body: answer.body, contentType: answer.contentType });
      };
      socket.on("data", (chunk: Buffer) => {
        try {
          answer.push(chunk);
        } catch (error) {
          reject(error as Error);
          this.#drop(socket);
          return;
        }
        // A live tail has no end: it has answered when something has come.
        const isLive = request.method === "GET" && isStreaming(answer.contentType) && answer.body.length > 0;
        if (answer.isComplete || isLive) done(false);
      });
      socket.once("end", () => answer.end());
      socket.once("close", () => done(true));
      socket.write(http1BytesOf(request));
    });
  }

  close(): void {
    if (this.#socket !== undefined) this.#drop(this.#socket);
  }

  #connected(): Socket {
    if (this.#socket === undefined || this.#socket.destroyed) {
      this.#socket = connect({ port: this.port, host: HOST, noDelay: true });
      this.#socket.on("error", () => undefined);
    }
    return this.#socket;
  }

  #drop(socket: Socket): void {
    socket.destroy();
    this.#socket = undefined;
  }
}

/** Sends bytes on a connection of their own, ends it as told, and waits until it is closed. */
export function sendBytes(port: number, bytes: Buffer, ending: "half-close" | "reset"): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: HOST, noDelay: true, allowHalfOpen: true });
    const received: Buffer[] = [];
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      received.push(chunk);
      if (STREAMING_ANSWER.test(chunk.toString("latin1"))) socket.destroy();
    });
    socket.once("end", () => socket.destroy());
    socket.once("close", () => {
      const text = Buffer.concat(received).toString("latin1");
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
      resolve({ statuses, closed: true, body: Buffer.from(text, "latin1"), contentType: "" });
    });
    socket.write(bytes.length === 0 ? NOTHING : bytes, () => {
      if (ending === "reset") socket.resetAndDestroy();
      else socket.end();
    });
  });
}

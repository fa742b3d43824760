import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import {
  createFrameDecoder,
  decodeAppendInput,
  encodeAppendAckFrame,
  type Frame,
} from "@s2-dev/streamstore-core/wire";

/** One append session, seen from the server. */
export interface DuplexCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
  /** Frames received so far. */
  readonly frames: readonly Frame[];
  /** Bytes of the request's body received so far. */
  readonly received: number;
  /** Acknowledges the next frame. */
  ack(flags?: { reconnectAdvised?: boolean }): void;
  /** Resolves when so many frames have come. */
  has(frames: number): Promise<void>;
  /** Resolves when so many bytes have come. */
  hasBytes(bytes: number): Promise<void>;
  /** The client has ended its request. */
  readonly finished: Promise<void>;
  /** The client has gone away. */
  readonly abandoned: Promise<void>;
}

export interface DuplexServer extends AsyncDisposable {
  readonly url: string;
  /** Requests so far, by content type. */
  readonly requests: readonly string[];
}

/** A server that hears requests while they are still being sent, frame by frame. */
export async function startDuplexServer(handle: (call: DuplexCall) => void): Promise<DuplexServer> {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.headers["content-type"] ?? "");
    handle(callOf(request, response));
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function callOf(request: IncomingMessage, response: ServerResponse): DuplexCall {
  const decoder = createFrameDecoder();
  const frames: Frame[] = [];
  let waiting: { holds: () => boolean; resolve: () => void }[] = [];
  let received = 0;
  let acked = 0;
  let seqNum = 0;
  const check = (): void => {
    for (const { holds, resolve } of waiting) if (holds()) resolve();
    waiting = waiting.filter(({ holds }) => !holds());
  };
  const until = (holds: () => boolean): Promise<void> =>
    holds() ? Promise.resolve() : new Promise((resolve) => waiting.push({ holds, resolve }));
  const finished = new Promise<void>((resolve) => request.on("end", resolve));
  const abandoned = new Promise<void>((resolve) => {
    response.on("close", () => {
      if (!response.writableFinished) resolve();
    });
  });
  request.on("error", () => {});
  response.on("error", () => {});
  request.on("data", (chunk: Buffer) => {
    received += chunk.length;
    decoder.push(chunk);
    for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) frames.push(frame);
    check();
  });
  return {
    request,
    response,
    socket: request.socket,
    frames,
    get received() {
      return received;
    },
    ack({ reconnectAdvised = false } = {}) {
      const frame = frames[acked] as Frame;
      const records = frame.compression === "none" ? decodeAppendInput(frame.payload).records.length : 1;
      acked += 1;
      const start = { seq_num: seqNum, timestamp: 1 };
      seqNum += records;
      const end = { seq_num: seqNum, timestamp: 1 };
      const bytes = encodeAppendAckFrame({ start, end, tail: end });
      if (reconnectAdvised) bytes[3] = (bytes[3] as number) | 0x10;
      response.write(bytes);
    },
    has: (count) => until(() => frames.length >= count),
    hasBytes: (bytes) => until(() => received >= bytes),
    finished,
    abandoned,
  };
}

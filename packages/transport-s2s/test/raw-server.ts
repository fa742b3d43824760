import { createServer, type Server, type Socket } from "node:net";

const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const PING = 6;
const GOAWAY = 7;
const WINDOW_UPDATE = 8;
const END_STREAM = 1;
const ACK = 1;
const PREFACE_BYTES = 24;
const HEAD_BYTES = 9;
/** The setting, and what windows are when nothing is said. */
const INITIAL_WINDOW_SIZE = 4;
const DEFAULT_WINDOW = 65_535;

/** A request as the raw server sees it, and every frame it may answer with, in any order, right or wrong. */
export interface RawRequest {
  readonly id: number;
  readonly socket: Socket;
  /** Body received so far. */
  readonly body: () => Buffer;
  /** Resolves when the request has been half-closed. */
  readonly ended: Promise<void>;
  /** Resolves with the code of the client's RST_STREAM. */
  readonly reset: Promise<number>;
  /** Resolves when at least so many bytes of body have come. */
  bodyReaches(bytes: number): Promise<void>;
  /** Resolves when the connection has been pinged so often. */
  pinged(times: number): Promise<void>;
  /** Writes frames in one piece. */
  send(...frames: Buffer[]): void;
  headers(status: number, end?: boolean, contentType?: string): Buffer;
  data(bytes: Uint8Array | string, end?: boolean): Buffer;
  rst(code: number): Buffer;
  goaway(lastStreamId: number, code: number): Buffer;
  /** Lets so many more bytes come, on the request and on its connection. */
  window(bytes: number): Buffer;
}

export interface RawServerOptions {
  /** SETTINGS_MAX_CONCURRENT_STREAMS. */
  readonly maxStreams?: number;
  /** False: pings stay unanswered. */
  readonly answerPings?: boolean;
  /** False: the server stays silent, so the connection never opens. */
  readonly sendSettings?: boolean;
  /** False: received bytes do not open the window again. */
  readonly updateWindow?: boolean;
}

export interface RawServer extends AsyncDisposable {
  readonly url: string;
  /** Connections accepted so far. */
  readonly connections: number;
  /** Connections open now. */
  readonly open: number;
  /** Flow-control windows that the newest client has told, in bytes: of a stream, and of its connection. */
  windows(): { stream: number; connection: number };
  /** Resolves when a connection made later than now is closed, or one open now. */
  allClosed(): Promise<void>;
}

/** An HTTP/2 server made by hand, to answer with exactly the frames that a test names. */
export async function startRawServer(
  onRequest: (request: RawRequest) => void,
  options: RawServerOptions = {},
): Promise<RawServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let onAllClosed: (() => void)[] = [];
  let windows: Windows = { stream: DEFAULT_WINDOW, connection: DEFAULT_WINDOW };
  const server: Server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      if (sockets.size > 0) return;
      for (const resolve of onAllClosed) resolve();
      onAllClosed = [];
    });
    windows = { stream: DEFAULT_WINDOW, connection: DEFAULT_WINDOW };
    serveSocket(socket, onRequest, options, windows);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return {
    url: `http://127.0.0.1:${address.port}`,
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size;
    },
    windows: () => ({ ...windows }),
    allClosed: () =>
      sockets.size === 0 ? Promise.resolve() : new Promise((resolve) => onAllClosed.push(resolve)),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Windows {
  stream: number;
  connection: number;
}

interface Incoming {
  request: RawRequest;
  chunks: Buffer[];
  received: Counter;
  end(): void;
  resetWith(code: number): void;
}

/** A number that grows, and promises for what it reaches. */
interface Counter {
  add(amount: number): void;
  reaches(value: number): Promise<void>;
}

function createCounter(): Counter {
  let count = 0;
  let waiting: { value: number; resolve: () => void }[] = [];
  return {
    add(amount) {
      count += amount;
      const reached = waiting.filter(({ value }) => value <= count);
      waiting = waiting.filter(({ value }) => value > count);
      for (const { resolve } of reached) resolve();
    },
    reaches: (value) =>
      count >= value ? Promise.resolve() : new Promise((resolve) => waiting.push({ value, resolve })),
  };
}

function serveSocket(
  socket: Socket,
  onRequest: (request: RawRequest) => void,
  options: RawServerOptions,
  windows: Windows,
): void {
  const requests = new Map<number, Incoming>();
  let buffered: Buffer = Buffer.alloc(0);
  let prefaceSeen = false;
  const pings = createCounter();
  if (options.sendSettings !== false) {
    const limits: [number, number][] = options.maxStreams === undefined ? [] : [[3, options.maxStreams]];
    socket.write(settingsFrame(limits));
  }

  socket.on("data", (chunk) => {
    buffered = Buffer.concat([buffered, chunk]);
    if (!prefaceSeen) {
      if (buffered.length < PREFACE_BYTES) return;
      buffered = buffered.subarray(PREFACE_BYTES);
      prefaceSeen = true;
    }
    while (buffered.length >= HEAD_BYTES) {
      const length = buffered.readUIntBE(0, 3);
      if (buffered.length < HEAD_BYTES + length) return;
      const frame = buffered.subarray(0, HEAD_BYTES + length);
      buffered = buffered.subarray(HEAD_BYTES + length);
      onFrame(frame[3] ?? 0, frame[4] ?? 0, frame.readUInt32BE(5), frame.subarray(HEAD_BYTES));
    }
  });

  function onFrame(type: number, flags: number, id: number, payload: Buffer): void {
    if (type === SETTINGS && (flags & ACK) === 0 && options.sendSettings !== false)
      socket.write(frameOf(SETTINGS, ACK, 0));
    if (type === SETTINGS) {
      for (let at = 0; at < payload.length; at += 6)
        if (payload.readUInt16BE(at) === INITIAL_WINDOW_SIZE) windows.stream = payload.readUInt32BE(at + 2);
    }
    if (type === WINDOW_UPDATE && id === 0) windows.connection += payload.readUInt32BE(0);
    if (type === PING && (flags & ACK) === 0) {
      if (options.answerPings !== false) socket.write(frameOf(PING, ACK, 0, payload));
      pings.add(1);
    }
    if (type === HEADERS) {
      const incoming = createIncoming(socket, id, pings);
      requests.set(id, incoming);
      onRequest(incoming.request);
    }
    const incoming = requests.get(id);
    if (incoming === undefined) return;
    if (type === DATA) take(incoming, payload);
    if ((type === DATA || type === HEADERS) && (flags & END_STREAM) !== 0) incoming.end();
    if (type === RST_STREAM) incoming.resetWith(payload.readUInt32BE(0));
  }

  function take(incoming: Incoming, payload: Buffer): void {
    incoming.chunks.push(Buffer.from(payload));
    if (payload.length > 0 && options.updateWindow !== false) {
      socket.write(
        Buffer.concat([windowUpdate(0, payload.length), windowUpdate(incoming.request.id, payload.length)]),
      );
    }
    incoming.received.add(payload.length);
  }
}

function createIncoming(socket: Socket, id: number, pings: Counter): Incoming {
  let end!: () => void;
  let resetWith!: (code: number) => void;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const reset = new Promise<number>((resolve) => {
    resetWith = resolve;
  });
  const incoming: Incoming = {
    chunks: [],
    received: createCounter(),
    end,
    resetWith,
    request: {
      id,
      socket,
      ended,
      reset,
      body: () => Buffer.concat(incoming.chunks),
      bodyReaches: (bytes) => incoming.received.reaches(bytes),
      pinged: (times) => pings.reaches(times),
      send: (...frames) => socket.write(Buffer.concat(frames)),
      headers: (status, last = false, contentType = "") =>
        frameOf(
          HEADERS,
          4 | (last ? END_STREAM : 0),
          id,
          Buffer.concat([statusField(status), typeField(contentType)]),
        ),
      data: (bytes, last = false) =>
        frameOf(DATA, last ? END_STREAM : 0, id, Buffer.from(bytes as Uint8Array)),
      rst: (code) => frameOf(RST_STREAM, 0, id, uint32(code)),
      goaway: (lastStreamId, code) =>
        frameOf(GOAWAY, 0, 0, Buffer.concat([uint32(lastStreamId), uint32(code)])),
      window: (bytes) => Buffer.concat([windowUpdate(0, bytes), windowUpdate(id, bytes)]),
    },
  };
  return incoming;
}

/** HPACK: 200 is entry 8 of the static table, the others are a literal value under its name. */
function statusField(status: number): Buffer {
  return status === 200
    ? Buffer.from([0x88])
    : Buffer.concat([Buffer.from([0x08, 3]), Buffer.from(String(status))]);
}

/** The name is entry 31 of the static table, the value a literal. */
function typeField(type: string): Buffer {
  if (type === "") return Buffer.alloc(0);
  return Buffer.concat([Buffer.from([0x0f, 31 - 15, type.length]), Buffer.from(type)]);
}

function settingsFrame(entries: readonly [number, number][]): Buffer {
  const payload = Buffer.alloc(entries.length * 6);
  entries.forEach(([key, value], index) => {
    payload.writeUInt16BE(key, index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  });
  return frameOf(SETTINGS, 0, 0, payload);
}

function windowUpdate(id: number, bytes: number): Buffer {
  return frameOf(WINDOW_UPDATE, 0, id, uint32(bytes));
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function frameOf(type: number, flags: number, id: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, payload]);
}

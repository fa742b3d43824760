import type * as Http from "node:http";
import type * as Https from "node:https";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { type ConnectionReport, isSilence } from "@s2-dev/streamstore-core/transport";
import { errorFromFetch } from "./map-error.js";
import { decodedBody } from "./node-decoding.js";
import type { Answer, BodySource, Call, CallEvents, OutgoingRequest } from "./runtime.js";

/** How connections are opened and kept. */
export interface NodeDial {
  /** For `http:` and `https:` URLs. */
  agentFor(secure: boolean): Http.Agent;
  /** Closes the connections that wait for a request. */
  dropIdle(): void;
  /** How long opening a connection may take, in milliseconds. */
  readonly timeoutMillis: number;
  /** Whether sockets are to let the process go. */
  readonly unref: boolean;
  /** Begins a report of a connection to this origin; `undefined` when nobody listens. */
  readonly report: ((origin: string) => ConnectionReport) | undefined;
}

/**
 * Sends a request by `node:http`. Not by a `fetch` of Node's: moving a body through its web streams costs twice to
 * three times as much, and a call four times.
 */
export function sendByNode(dial: NodeDial, request: OutgoingRequest, events: CallEvents): Call {
  let outgoing: Http.ClientRequest | undefined;
  let incoming: Readable | undefined;
  let started = false;
  let over = false;
  let wanted = true;

  function end(error: unknown): void {
    if (over) return;
    over = true;
    // An answer can be complete before its request is.
    if (error !== null || outgoing?.writableEnded === false) outgoing?.destroy();
    events.ended(error === null ? null : errorFromFetch(error));
  }

  function answered(response: Http.IncomingMessage): void {
    // Without a listener a body is never read, and its connection never free.
    if (over) return void response.resume();
    try {
      incoming = decodedBody(response, end);
    } catch (thrown) {
      return end(thrown);
    }
    events.answered(answerOf(response));
    if (over) return;
    incoming.on("data", (chunk: Uint8Array) => {
      if (!over) events.data(chunk);
    });
    incoming.on("end", () => end(null));
    response.on("error", end);
    // What was cut without an error.
    response.on("close", () => {
      if (!response.complete) end(cutOff());
    });
    if (!wanted) incoming.pause();
  }

  async function pump(source: BodySource, to: Http.ClientRequest): Promise<void> {
    // A part of what a destroyed request was given may still be on its way to the socket.
    const written = (error?: Error | null): void => {
      if (!over && !to.destroyed && !error) source.written();
    };
    for (;;) {
      const chunk = await source.next();
      if (over) return;
      if (chunk === null) return void to.end();
      if (!to.write(chunk, written)) await new Promise<void>((resolve) => to.once("drain", resolve));
      if (over) return;
    }
  }

  try {
    outgoing = open(dial, request, () => {
      started = true;
    });
    outgoing.on("response", answered);
    outgoing.on("error", end);
    outgoing.on("close", () => {
      if (incoming === undefined) end(cutOff());
    });
    const { body } = request;
    if (body === undefined || !("next" in body)) outgoing.end(body);
    else pump(body, outgoing).catch(end);
  } catch (thrown) {
    queueMicrotask(() => end(thrown));
  }

  return {
    get started() {
      return started;
    },
    get written() {
      return outgoing?.writableFinished === true;
    },
    flow(on) {
      wanted = on;
      if (on) incoming?.resume();
      else incoming?.pause();
    },
    cancel(reason) {
      if (over) return;
      over = true;
      outgoing?.destroy();
      if (isSilence(reason) || isSilence(reason.cause)) dial.dropIdle();
    },
  };
}

function open(
  dial: NodeDial,
  { url, method, headers, body }: OutgoingRequest,
  onConnected: () => void,
): Http.ClientRequest {
  const target = new URL(url);
  const secure = target.protocol === "https:";
  const { hostname } = target;
  const http = secure ? loadHttps() : loadHttp();
  const outgoing = http.request({
    protocol: target.protocol,
    hostname: hostname.startsWith("[") ? hostname.slice(1, -1) : hostname,
    port: target.port,
    path: target.pathname + target.search,
    method,
    headers: body instanceof Uint8Array ? { ...headers, "content-length": body.byteLength } : headers,
    agent: dial.agentFor(secure),
  });
  outgoing.once("socket", (socket) => whenConnected(socket, target, dial, outgoing, onConnected));
  return outgoing;
}

/** Nothing has left before a socket is connected; for that there is a time limit. */
function whenConnected(
  socket: Socket,
  { protocol, origin }: URL,
  { timeoutMillis, unref, report }: NodeDial,
  outgoing: Http.ClientRequest,
  onConnected: () => void,
): void {
  const secure = protocol === "https:";
  if (!socket.connecting && !(secure && "secureConnecting" in socket && socket.secureConnecting === true)) {
    return onConnected();
  }
  if (unref) letGo(socket);
  const timer = setTimeout(() => outgoing.destroy(connectTimeout(timeoutMillis)), timeoutMillis);
  socket.once("close", () => clearTimeout(timer));
  const reporting = report?.(origin);
  const failed = (error: Error): void => reporting?.failed(errorFromFetch(error));
  if (reporting !== undefined) socket.once("error", failed);
  socket.once(secure ? "secureConnect" : "connect", () => {
    clearTimeout(timer);
    socket.removeListener("error", failed);
    reporting?.opened();
    if (reporting !== undefined) socket.once("close", () => reporting.closed());
    onConnected();
  });
}

/** The socket never keeps the process alive, though each request would ref it again (contract H.12). */
export function letGo(socket: Socket): void {
  socket.unref();
  socket.ref = () => socket;
}

function answerOf({ statusCode = 0, headers }: Http.IncomingMessage): Answer {
  const all: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) all[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return { status: statusCode, headers: all };
}

function cutOff(): Error {
  return Object.assign(new Error("the connection was closed before the answer was complete"), {
    code: "ECONNRESET",
  });
}

function connectTimeout(millis: number): Error {
  return Object.assign(new Error(`no connection within ${millis} ms`), {
    code: "ETIMEDOUT",
    syscall: "connect",
  });
}

// Loaded by the first call: 10 ms, of no use to whom another transport serves.
function loadHttp(): typeof Http {
  return process.getBuiltinModule("node:http");
}

function loadHttps(): typeof Https {
  return process.getBuiltinModule("node:https");
}

import type { AppendAck } from "@s2-dev/streamstore-core";
import {
  appendAck,
  createFakeClock,
  createScriptedTransport,
  type FakeClock,
  flushMicrotasks,
  type ScriptedExchange,
  type ScriptedTransport,
} from "@s2-dev/streamstore-core/testing";
import type { WireRequest } from "@s2-dev/streamstore-core/transport";
import { encodeAppendAck, encodeReadBatch } from "@s2-dev/streamstore-core/wire";
import type { Runtime, S2ClientOptions, TransportOptions } from "../src/options.js";
import { runtime as onNode } from "../src/runtime.node.js";
import { S2Client } from "../src/s2.js";

export const TOKEN = "s2_secret_Q7x9";
export const BASIN = "test-basin";

/** A client whose network, server, time and environment a test plays. */
export interface TestClient {
  readonly s2: S2Client;
  readonly clock: FakeClock;
  /** The default transport. */
  readonly transport: ScriptedTransport;
  /** The built-in transports made so far. */
  readonly made: readonly {
    kind: "fetch" | "s2s";
    options: TransportOptions;
    transport: ScriptedTransport;
  }[];
}

export interface TestWorld {
  readonly environment?: Readonly<Record<string, string>>;
  readonly userAgent?: string;
}

export function createTestClient(options: S2ClientOptions = {}, world: TestWorld = {}): TestClient {
  const clock = createFakeClock();
  const made: { kind: "fetch" | "s2s"; options: TransportOptions; transport: ScriptedTransport }[] = [];
  const make = (kind: "fetch" | "s2s", transportOptions: TransportOptions): ScriptedTransport => {
    const transport = createScriptedTransport();
    made.push({ kind, options: transportOptions, transport });
    return transport;
  };
  const runtime: Runtime = {
    clock,
    random: () => 0,
    userAgent: world.userAgent,
    environment: (name) => world.environment?.[name],
    defaultTransport: "s2s",
    parts: onNode.parts,
    checkNames: onNode.checkNames,
    createFetchTransport: (given) => make("fetch", given),
    createS2sTransport: (given) => make("s2s", given),
  };
  const s2 = new S2Client({ accessToken: TOKEN, ...options }, runtime);
  return {
    s2,
    clock,
    made,
    get transport() {
      const first = made[0];
      if (first === undefined) throw new Error("no built-in transport was made");
      return first.transport;
    },
  };
}

/** The newest call of a transport, once everything that leads to it has run. */
export async function nextCall(transport: ScriptedTransport): Promise<ScriptedExchange> {
  // Loaded by the first call that needs it: that takes more than microtasks.
  await import("@s2-dev/streamstore-core/control");
  await flushMicrotasks();
  return transport.exchanged();
}

export function answerJson(
  call: ScriptedExchange,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  call.answer({ status, headers, body: new TextEncoder().encode(JSON.stringify(body)) });
}

export function answerError(call: ScriptedExchange, status: number, code: string): void {
  answerJson(call, status, { code, message: `the server says ${code}` });
}

export function answerAck(call: ScriptedExchange, ack: AppendAck = appendAck(0, 1)): void {
  call.answer({
    status: 200,
    headers: { "content-type": "application/protobuf" },
    body: encodeAppendAck(ack),
  });
}

export function answerBatch(call: ScriptedExchange): void {
  call.answer({
    status: 200,
    headers: { "content-type": "application/protobuf" },
    body: encodeReadBatch({ records: [{ seq_num: 0, timestamp: 1, headers: [], body: new Uint8Array() }] }),
  });
}

export function jsonBodyOf(request: WireRequest): unknown {
  return request.body === undefined ? undefined : JSON.parse(new TextDecoder().decode(request.body));
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it did not reject");
}

import type { ServerName } from "./servers/server.js";

/** The transports that the SDK has built in. */
export type BuiltInWire = "fetch" | "s2s";
/** The wires that sockets make: those, and the fetch one with sessions in frames over HTTP/1.1. */
export type SocketWire = BuiltInWire | "fetch+frames";
/** How the SDK reaches the server: by those, or without a socket where the server is in the process. */
export type SdkWire = SocketWire | "in-process";
/** How the raw client reaches it: two versions of HTTP, with nothing of the SDK between. */
export type RawWire = "http/1.1" | "http/2";

/** What a behaviour runs on. */
export interface Pair<Wire extends SdkWire | RawWire = SdkWire | RawWire> {
  readonly wire: Wire;
  readonly server: ServerName;
  /** `local` in a directory of its own instead of in memory. */
  readonly storage?: "durable";
}

const SERVERS: readonly ServerName[] = ["local", "s2-lite"];
/** The built-in wires, which a stream can be forced to. */
export const BUILT_IN_WIRES: readonly BuiltInWire[] = ["fetch", "s2s"];
/** All wires that sockets make. */
export const SOCKET_WIRES: readonly SocketWire[] = [...BUILT_IN_WIRES, "fetch+frames"];
/** What sessions do; calls are the same over `fetch` with and without frames. */
const TOPICS_OF_FRAMES: readonly string[] = [
  "auto-creating",
  "commands",
  "compressing",
  "encrypting",
  "ending-appends",
  "ending-reads",
  "following",
  "pipelining",
  "reading",
  "replaying",
  "waiting-reads",
];
const RAW_WIRES: readonly RawWire[] = ["http/1.1", "http/2"];

/** The pairs that behaviours of the SDK run on. */
export const sdkPairs: readonly Pair<SdkWire>[] = [
  ...SERVERS.flatMap((server) => SOCKET_WIRES.map((wire) => ({ wire, server }))),
  { wire: "in-process", server: "local" },
  ...BUILT_IN_WIRES.map((wire) => ({ wire, server: "local", storage: "durable" }) as const),
];

/** The pairs that behaviours of the service itself run on: what the SDK would not send, or would hide. */
export const rawPairs: readonly Pair<RawWire>[] = [
  ...SERVERS.flatMap((server) => RAW_WIRES.map((wire) => ({ wire, server }))),
  { wire: "http/2", server: "local", storage: "durable" },
];

/** Whether the behaviours of a topic say something new on this pair. */
export function concerns(topic: string, pair: Pair): boolean {
  return pair.wire !== "fetch+frames" || TOPICS_OF_FRAMES.includes(topic);
}

/** Whether a stream can be forced to this wire. */
export function isBuiltIn(wire: SdkWire): wire is BuiltInWire {
  return (BUILT_IN_WIRES as readonly string[]).includes(wire);
}

/** The pair's name in tests and reports. */
export function pairName(pair: Pair): string {
  return `${pair.wire} x ${pair.server}${pair.storage === undefined ? "" : `, ${pair.storage}`}`;
}

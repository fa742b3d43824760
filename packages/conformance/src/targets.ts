import type { ServerName } from "./servers/server.js";

/** The transports that the SDK has built in. */
export type BuiltInWire = "fetch" | "s2s";
/** How the SDK reaches the server: by those, or without a socket where the server is in the process. */
export type SdkWire = BuiltInWire | "in-process";
/** How the raw client reaches it: two versions of HTTP, with nothing of the SDK between. */
export type RawWire = "http/1.1" | "http/2";

/** What a behaviour runs on. */
export interface Pair<Wire extends SdkWire | RawWire = SdkWire | RawWire> {
  readonly wire: Wire;
  readonly server: ServerName;
}

const SERVERS: readonly ServerName[] = ["local", "s2-lite"];
/** The wires that sockets make. */
export const BUILT_IN_WIRES: readonly BuiltInWire[] = ["fetch", "s2s"];
const RAW_WIRES: readonly RawWire[] = ["http/1.1", "http/2"];

/** The pairs that behaviours of the SDK run on. */
export const sdkPairs: readonly Pair<SdkWire>[] = [
  ...SERVERS.flatMap((server) => BUILT_IN_WIRES.map((wire) => ({ wire, server }))),
  { wire: "in-process", server: "local" },
];

/** The pairs that behaviours of the service itself run on: what the SDK would not send, or would hide. */
export const rawPairs: readonly Pair<RawWire>[] = SERVERS.flatMap((server) =>
  RAW_WIRES.map((wire) => ({ wire, server })),
);

/** The pair's name in tests and reports. */
export function pairName(pair: Pair): string {
  return `${pair.wire} x ${pair.server}`;
}

import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import {
  type Clock,
  type ConnectionHooks,
  type ConnectionReport,
  checkObject,
  createConnectionReporter,
  createSystemClock,
  invalidArgument,
  show,
} from "@s2-dev/streamstore-core/transport";
import { type Codec, type Compression, createCodec } from "./compression.js";

const MIN_WINDOW = 65_535;
const MAX_WINDOW = 2 ** 31 - 1;
/** More streams than this on one connection, and a further connection is opened, whatever the peer allows. */
const MAX_STREAMS = 100;
const MIB = 1024 * 1024;

/** Opens a way to a host and port, for one connection, which then owns it. */
export type Tunnel = (host: string, port: number) => Promise<Socket>;

/** What is fixed for one s2s transport. */
export interface S2sTransportOptions {
  /** How long opening a connection may take, in milliseconds: TCP, TLS and the peer's first settings. Default 3000. */
  readonly connectionTimeoutMillis?: number | undefined;
  /**
   * HTTP/2 flow-control window of one stream, in bytes, 65,535 to 2^31-1. It bounds what a reader that does not pull
   * holds in memory, and the throughput of one reader to a window per round trip. Default 4 MiB.
   */
  readonly initialStreamWindowSize?: number | undefined;
  /** HTTP/2 flow-control window of a whole connection, in bytes, 65,535 to 2^31-1. Default 16 MiB. */
  readonly connectionWindowSize?: number | undefined;
  /**
   * Requests and sessions on one connection before a further one is opened, 1 to 100. Default 100, or what the peer
   * allows if that is less.
   */
  readonly maxStreamsPerConnection?: number | undefined;
  /** Milliseconds between keep-alive pings; they are sent only while requests are open. Default 20,000. */
  readonly keepAliveIntervalMillis?: number | undefined;
  /** How long a ping may go unanswered before the connection counts as lost, in milliseconds. Default 10,000. */
  readonly keepAliveTimeoutMillis?: number | undefined;
  /** How long a connection without requests is kept, in milliseconds. It never keeps the process alive. Default 90,000. */
  readonly idleTimeoutMillis?: number | undefined;
  /** Options for `tls.connect`: `ca`, `cert`, `key`, `servername`, ... */
  readonly tls?: ConnectionOptions;
  /** How a connection gets to a host and port, where not directly: through a proxy, for example. TLS goes on top of it. */
  readonly tunnel?: Tunnel | undefined;
  /**
   * How frames and bodies of at least 1024 bytes are compressed, both ways. Default `"none"`. `"zstd"` needs a runtime
   * that has it (Node.js 22.15 or newer).
   */
  readonly compression?: Compression;
  /** Value of the `user-agent` header. Default `s2-sdk-typescript`. */
  readonly userAgent?: string;
  /** Where time comes from. Default: the system's clock. */
  readonly clock?: Clock;
  /** Told of connections that are opened and closed. */
  readonly hooks?: ConnectionHooks;
}

/** The options, completed and checked. */
export interface S2sSettings {
  readonly connectionTimeoutMillis: number;
  readonly initialStreamWindowSize: number;
  readonly connectionWindowSize: number;
  readonly maxStreamsPerConnection: number;
  readonly keepAliveIntervalMillis: number;
  readonly keepAliveTimeoutMillis: number;
  readonly idleTimeoutMillis: number;
  readonly tls: ConnectionOptions;
  readonly tunnel: Tunnel | undefined;
  readonly codec: Codec | undefined;
  readonly userAgent: string;
  readonly clock: Clock;
  /** Begins a report of a connection to this origin; nobody listens where there is none. */
  readonly report: ((origin: string) => ConnectionReport) | undefined;
}

type IntegerOption = "initialStreamWindowSize" | "connectionWindowSize" | "maxStreamsPerConnection";
type DurationOption =
  | "connectionTimeoutMillis"
  | "keepAliveIntervalMillis"
  | "keepAliveTimeoutMillis"
  | "idleTimeoutMillis";

/** @throws S2Error `INVALID_ARGUMENT` for a value out of range, `UNSUPPORTED` for a compression the runtime lacks. */
export function settingsFromOptions(options: S2sTransportOptions): S2sSettings {
  checkObject(options, "the options of a transport");
  const integer = (name: IntegerOption, normal: number, least: number, most: number, unit = ""): number => {
    const value = options[name] ?? normal;
    if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
    throw invalidArgument(`${name} must be an integer from ${least} to ${most}${unit}, not ${show(value)}`);
  };
  const windowSize = (name: IntegerOption, normal: number): number =>
    integer(name, normal, MIN_WINDOW, MAX_WINDOW, " bytes");
  const duration = (name: DurationOption, normal: number): number => {
    const value = options[name] ?? normal;
    if (Number.isFinite(value) && value > 0 && value <= MAX_WINDOW) return value;
    throw invalidArgument(
      `${name} must be a positive number of milliseconds up to ${MAX_WINDOW}, not ${show(value)}`,
    );
  };
  const initialStreamWindowSize = windowSize("initialStreamWindowSize", 4 * MIB);
  const connectionWindowSize = windowSize("connectionWindowSize", 16 * MIB);
  const clock = options.clock ?? createSystemClock();
  return {
    connectionTimeoutMillis: duration("connectionTimeoutMillis", 3000),
    initialStreamWindowSize,
    connectionWindowSize: isBun()
      ? Math.min(connectionWindowSize, 2 * initialStreamWindowSize)
      : connectionWindowSize,
    maxStreamsPerConnection: integer("maxStreamsPerConnection", MAX_STREAMS, 1, MAX_STREAMS),
    keepAliveIntervalMillis: duration("keepAliveIntervalMillis", 20_000),
    keepAliveTimeoutMillis: duration("keepAliveTimeoutMillis", 10_000),
    idleTimeoutMillis: duration("idleTimeoutMillis", 90_000),
    tls: options.tls ?? {},
    tunnel: options.tunnel,
    codec: createCodec(options.compression ?? "none"),
    userAgent: options.userAgent ?? "s2-sdk-typescript",
    clock,
    report:
      options.hooks === undefined
        ? undefined
        : createConnectionReporter(options.hooks, "s2s", () => clock.now()),
  };
}

/** Bun stalls when the connection window exceeds twice the stream window. */
function isBun(): boolean {
  return typeof process.versions.bun === "string";
}

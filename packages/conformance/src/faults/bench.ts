import {
  type Observer,
  type RetryConfig,
  S2,
  type S2ClientOptions,
  type S2Stream,
} from "@s2-dev/streamstore";
import type { Clock } from "@s2-dev/streamstore-core/session";
import type { Transport } from "@s2-dev/streamstore-core/transport";
import { type FaultRule, type LocalServer, startLocal } from "@s2-dev/streamstore-local";
import type { SocketWire } from "../targets.js";
import { createFramedTransport, streamOver } from "../wires.js";

/** How long a request and the last turns of a connection may take, in milliseconds. */
const PATIENCE = 60_000;
const BASIN = "faulty-basin";
const STREAM = "log";

export interface BenchOptions {
  /** Time for the server; default the system's. */
  readonly clock?: Clock;
  readonly retry?: RetryConfig;
  readonly requestTimeoutMillis?: number;
  readonly observer?: Observer;
  readonly accessToken?: S2ClientOptions["accessToken"];
}

/** A server that misbehaves, a client of it, and one stream. */
export interface Bench {
  readonly local: LocalServer;
  readonly client: S2;
  readonly stream: S2Stream;
  /** A further client of the server, with options of its own. */
  connect(options: BenchOptions): { readonly client: S2; readonly stream: S2Stream };
  /** What was asked of the server. */
  readonly requests: readonly string[];
  /** Bodies of all records in the log, asked of the service itself. */
  log(): Promise<string[]>;
  /** Followers of the stream that the server has. */
  followers(): number;
  /** Closes clients and server; fails when either leaves a socket, a timer or a follower behind. */
  close(): Promise<void>;
}

/** Delays are short; deadlines are long unless a test is about them, so that a slow machine shows no fault of its own. */
const QUICK: RetryConfig = { minBaseDelayMillis: 1, maxBaseDelayMillis: 2 };

export async function openBench(
  wire: SocketWire,
  options: BenchOptions = {},
  faults: readonly FaultRule[] = [],
): Promise<Bench> {
  const before = sockets();
  const requests: string[] = [];
  const local = await startLocal({
    faults,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    onRequest: ({ method, path }) => void requests.push(`${method} ${path}`),
    init: {
      basins: [{ name: BASIN, streams: [{ name: STREAM, config: { timestamping: { uncapped: true } } }] }],
    },
  });
  const clients: S2[] = [];
  const transports: Transport[] = [];
  const ownTransport = (): { transport?: Transport } => {
    if (wire !== "fetch+frames") return {};
    const transport = createFramedTransport();
    transports.push(transport);
    return { transport };
  };
  const connect: Bench["connect"] = ({
    retry,
    requestTimeoutMillis = PATIENCE,
    observer,
    accessToken = "any",
  }) => {
    const client = new S2({
      accessToken,
      endpoints: local.endpoints,
      ...ownTransport(),
      retry: { ...QUICK, ...retry },
      requestTimeoutMillis,
      observer,
    });
    clients.push(client);
    return { client, stream: streamOver(wire, client.basin(BASIN), STREAM) };
  };
  const followers = (): number => local.service.live.peek(BASIN, STREAM)?.followers ?? 0;
  return {
    local,
    ...connect(options),
    connect,
    followers,
    requests,
    async log() {
      // The raw wire, past the rules: they name operations, and this one is not hit.
      local.faults.clear();
      const answer = await fetch(`${local.origin}/v1/streams/${STREAM}/records?seq_num=0&wait=0&clamp=true`, {
        headers: { "s2-basin": BASIN, connection: "close" },
      });
      if (answer.status === 416) return [];
      const { records } = (await answer.json()) as { records: { body?: string }[] };
      return records.map(({ body }) => body ?? "");
    },
    async close() {
      await Promise.all([...clients, ...transports].map((opened) => opened.close()));
      await becomes("no follower is left", () => followers() === 0);
      await local.close();
      await becomes("no socket is left", () => sockets() <= before);
    },
  };
}

/** Sockets of this process, on either side. */
export function sockets(): number {
  return process
    .getActiveResourcesInfo()
    .filter((name) => name === "TCPSocketWrap" || name === "TCPConnectWrap").length;
}

/** Lets the event loop turn until this holds: hundreds of tests end so, and have no time to sleep. */
async function becomes(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${PATIENCE} ms`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

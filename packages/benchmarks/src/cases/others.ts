import type { Shape } from "../fixture/shape.js";
import { type Case, createCase, lessThanPublished, timesFloor } from "./case.js";

const small = (batch: number): Shape => ({ size: 100, headers: 0, batch, text: "ascii" });

/** Ways of writing that go record by record, and the `WritableStream`. */
const oneByOne: readonly Case[] = [
  createCase({
    id: "producer",
    title: "producer, record at a time, 100 B bytes",
    group: "one-by-one",
    work: "producer",
    shape: small(1000),
    cold: 500_000,
    warm: 100_000,
    parties: ["ours", "published", "rust", "floor"],
    targets: [lessThanPublished(6)],
    isQuick: true,
  }),
  createCase({
    id: "batch-transform",
    title: "BatchTransform, record at a time, 100 B bytes",
    group: "one-by-one",
    work: "batch-transform",
    shape: small(1000),
    cold: 500_000,
    warm: 100_000,
    parties: ["ours", "published", "rust", "floor"],
    targets: [lessThanPublished(3)],
    isQuick: true,
  }),
  ...[1, 1000].map((batch) =>
    createCase({
      id: `writable-x${batch}`,
      title: `session.writable, 100 B bytes x ${batch}`,
      group: "one-by-one",
      work: "append-writable",
      shape: small(batch),
      cold: batch === 1 ? 50_000 : 500_000,
      warm: batch === 1 ? 20_000 : 200_000,
      parties: ["ours", "published", "rust", "floor"],
    }),
  ),
];

const events: readonly Case[] = (["string", "bytes"] as const).map((format) =>
  createCase({
    id: `sse-${format}`,
    title: `SSE read 100 B x 1000, ${format}`,
    group: "events",
    work: "read",
    transport: "fetch",
    shape: small(1000),
    format,
    by: "batch",
    cold: 500_000,
    warm: 100_000,
    parties: ["ours", "published", "floor", "parse"],
    targets: [lessThanPublished(5), { figure: "cold", against: "parse", atMost: 2 }],
    isQuick: format === "string",
    isEndToEnd: format === "string",
  }),
);

/** Work that waits for the server each time: latencies say more than CPU. */
const calls: readonly Case[] = [
  createCase({
    id: "round-trip",
    title: "sequential append round trip, 100 B x 1",
    group: "calls",
    work: "round-trip",
    shape: small(1),
    cold: 3000,
    warm: 3000,
    parties: ["ours", "published", "rust", "floor"],
    targets: [
      lessThanPublished(1, "p50"),
      lessThanPublished(1, "p99"),
      timesFloor(1.3, "p50"),
      timesFloor(1.3, "p99"),
    ],
    isQuick: true,
    isEndToEnd: true,
  }),
  ...(["unary-append", "unary-read"] as const).flatMap((work) =>
    (["s2s", "fetch"] as const).map((transport) =>
      createCase({
        id: `${work}-${transport}`,
        title: `unary ${work === "unary-append" ? "append" : "read"} 100 B x 10, over ${transport}`,
        group: "calls",
        work,
        transport,
        shape: small(10),
        cold: 10_000,
        warm: 10_000,
        parties: ["ours", "published", ...(transport === "s2s" ? (["rust"] as const) : []), "floor"],
        isQuick: transport === "s2s" && work === "unary-append",
        isEndToEnd: transport === "s2s",
      }),
    ),
  ),
  ...(["open-append", "open-read"] as const).map((work) =>
    createCase({
      id: work,
      title: `open an ${work === "open-append" ? "append" : "read"} session, one record, close`.replace(
        "an read",
        "a read",
      ),
      group: "calls",
      work,
      shape: small(1),
      cold: 1,
      warm: 500,
      parties: ["ours", "published", "rust", "floor"],
      // Not in the quick form: warm they cost what the published SDK's do, or more; see the README's "What stands in the way".
    }),
  ),
];

const many: readonly Case[] = [1, 100, 1000].map((tails) =>
  createCase({
    id: `tails-${tails}`,
    title: `${tails} live tail${tails === 1 ? "" : "s"} on one client, 100 B x 1`,
    group: "many",
    work: "tails",
    shape: small(1),
    format: "string",
    tails,
    cold: Math.max(tails * 20, 10_000),
    warm: 0,
    parties: ["ours", "published", "rust", "floor"],
    targets: tails === 1000 ? [lessThanPublished(10, "memory"), lessThanPublished(5)] : [],
    isQuick: tails === 100,
  }),
);

const footprint: readonly Case[] = [
  createCase({
    id: "slow-reader",
    title: "memory of a reader that stops reading, 100 B x 1000",
    group: "footprint",
    work: "slow-reader",
    shape: small(1000),
    cold: 1000,
    warm: 0,
    parties: ["ours", "published", "rust", "floor"],
  }),
  createCase({
    id: "import",
    title: "import of the package",
    group: "footprint",
    work: "import",
    shape: small(1),
    cold: 1,
    warm: 0,
    parties: ["ours", "published", "floor"],
    targets: [lessThanPublished(3)],
    isQuick: true,
  }),
];

export const otherCases: readonly Case[] = [...oneByOne, ...events, ...calls, ...many, ...footprint];

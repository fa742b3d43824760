import type { Limit } from "../guest/suite.js";

/** How a program is started in a runtime: by its binary, in workerd, or as a page. */
export type Shape = "process" | "workerd" | "chromium";

/** A runtime of the matrix. */
export interface RuntimeSpec {
  readonly id: string;
  readonly name: string;
  readonly shape: Shape;
  /** The exact version that is installed from the registry; without, the one that is there is taken. */
  readonly version?: string;
  readonly hasS2s: boolean;
  /** Arguments before the program's path. */
  readonly args?: readonly string[];
  /** How many behaviours are under way at the same time. */
  readonly atOnce: number;
  /** Each of these reaches the servers by a name of its own. */
  readonly ownHosts?: boolean;
  /** What it cannot show. */
  readonly limits: readonly Limit[];
  /** Programs that it does not let end by themselves over its own `fetch`, and where its makers speak of that. */
  readonly keptByFetch?: { readonly programs: readonly string[]; readonly issue: string };
}

/** Connections are made by the runtime, which tells nobody of them. */
const unseenConnections: Limit = {
  topic: "observing",
  says: "an observer is told of connections, up to the last",
  wire: "fetch",
  reason:
    "its `fetch` makes connections without telling of them, so observers hear of calls and sessions only",
  // No runtime can do so before the standard of `fetch` has it.
  issue: "https://github.com/whatwg/fetch/issues/65",
};

/** What s2-lite tells in a header of its answer, which it does not expose to scripts of other origins. */
const hiddenOutcomes: readonly Limit[] = [
  { topic: "basins", says: "ensures a basin: created, then nothing to do, then updated" },
  { topic: "streams", says: "ensures a stream: created, then nothing to do, then updated" },
].map((of) => ({
  ...of,
  server: "s2-lite",
  reason:
    "s2-lite exposes no header to scripts of other origins, so `ensure` cannot tell `noop` from `updated` there",
  issue: "https://github.com/s2-streamstore/s2/pull/238",
}));

/** The body of an answer keeps the process, and `fetch` offers nothing to let go of it. */
const KEPT = ["unread-tail", "abandoned-tail", "awaited"];

const node = { name: "Node.js", shape: "process", hasS2s: true, atOnce: 8, limits: [] } as const;

export const runtimes: readonly RuntimeSpec[] = [
  { ...node, id: "node" },
  { ...node, id: "node22", version: "22.23.3" },
  { ...node, id: "node24", version: "24.21.0" },
  { ...node, id: "node26", version: "26.12.1" },
  {
    id: "bun",
    name: "Bun",
    shape: "process",
    version: "1.4.5",
    hasS2s: true,
    atOnce: 8,
    limits: [unseenConnections],
    keptByFetch: { programs: KEPT, issue: "https://github.com/oven-sh/bun/pull/39590" },
  },
  {
    id: "deno",
    name: "Deno",
    shape: "process",
    version: "2.9.6",
    hasS2s: true,
    // Neither the environment nor files: a program that was given its token needs the network alone.
    args: ["run", "--quiet", "--no-prompt", "--node-modules-dir=manual", "--allow-net=127.0.0.1"],
    atOnce: 8,
    limits: [unseenConnections],
    keptByFetch: { programs: KEPT, issue: "https://github.com/denoland/deno/pull/34859" },
  },
  {
    id: "workerd",
    name: "workerd (Cloudflare Workers)",
    shape: "workerd",
    version: "1.20261117.1",
    hasS2s: false,
    atOnce: 4,
    limits: [unseenConnections],
  },
  {
    id: "chromium",
    name: "Chromium",
    shape: "chromium",
    hasS2s: false,
    atOnce: 2,
    // Six connections a host over HTTP/1.1, all of which a behaviour may need: two on one host could wait for each other.
    ownHosts: true,
    limits: [unseenConnections, ...hiddenOutcomes],
  },
];

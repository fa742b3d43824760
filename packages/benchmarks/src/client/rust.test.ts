import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { PLAIN, UNICODE, useMinimalServer, WITH_HEADERS } from "../../test/minimal-server.js";
import { cases } from "../cases/index.js";
import type { Shape } from "../fixture/shape.js";
import type { ClientResult, Job, WorkName } from "../job.js";
import { runClient } from "../runner/run-client.js";

const SOURCES = fileURLToPath(new URL("../../rust/src/", import.meta.url));
const BINARY = fileURLToPath(new URL("../../.cache/rust/release/s2-benchmark-client", import.meta.url));

const SINGLE: Shape = { ...PLAIN, batch: 1 };

it("the Rust client has a program for every case that names it", () => {
  const programs = readFileSync(join(SOURCES, "work.rs"), "utf8");
  const arms = [...programs.matchAll(/^ +((?:"[a-z-]+"(?: \| )?)+) =>/gm)].map((match) => match[1]!);
  const known = new Set(arms.flatMap((arm) => [...arm.matchAll(/"([a-z-]+)"/g)].map((match) => match[1])));
  const named = cases.filter(({ parties }) => parties.includes("rust"));
  expect(new Set(named.map(({ work }) => work))).toEqual(known);
});

it("only what the Rust SDK cannot do is left out: SSE, calls over fetch, and importing a package", () => {
  const without = cases.filter(({ parties }) => !parties.includes("rust"));
  expect(without.filter(({ transport, work }) => transport !== "fetch" && work !== "import")).toEqual([]);
});

/** A first build takes minutes, so it is the benchmark's; one that is older than its sources proves nothing. */
function isBuilt(): boolean {
  const files = readdirSync(SOURCES).map((name) => statSync(join(SOURCES, name)).mtimeMs);
  return existsSync(BINARY) && statSync(BINARY).mtimeMs > Math.max(...files);
}

describe.skipIf(!isBuilt())("the Rust client, built, delivers every record", () => {
  const server = useMinimalServer();
  const jobOf = (work: WorkName, more: Partial<Job> = {}): Job =>
    server.jobOf("rust", work, { rounds: [200, 100], ...more });

  async function run(job: Job): Promise<{ result: ClientResult; fault: string | undefined }> {
    const result = await runClient(job, { rust: BINARY, profile: undefined });
    return { result, fault: server.faultIn(job, result) };
  }

  it.each(["append", "append-writable", "batch-transform", "producer", "unary-append"] as const)(
    "by %s",
    async (work) => {
      // The checksum is over one run of records.
      const rounds = [200];
      expect((await run(jobOf(work, { rounds }))).fault).toBeUndefined();
      const shape = WITH_HEADERS;
      expect((await run(jobOf(work, { rounds, shape, format: "string" }))).fault).toBeUndefined();
    },
  );

  it("by round trips, each of which it times", async () => {
    const { result, fault } = await run(jobOf("round-trip", { shape: SINGLE, rounds: [20] }));
    expect(fault).toBeUndefined();
    expect(result.rounds[0]?.latencies).toHaveLength(20);
  });

  it.each(["read", "unary-read"] as const)("by %s, in each of its rounds", async (work) => {
    for (const shape of [PLAIN, WITH_HEADERS, UNICODE]) {
      expect((await run(jobOf(work, { shape, format: "string" }))).fault).toBeUndefined();
    }
  });

  it.each(["open-append", "open-read"] as const)("by %s, timing each session", async (work) => {
    const { result, fault } = await run(jobOf(work, { shape: SINGLE, rounds: [1, 3] }));
    expect(fault).toBeUndefined();
    expect(result.rounds.map(({ latencies }) => latencies?.length)).toEqual([1, 3]);
  });

  it("to live tails, more than go on one connection, whose memory it notes", async () => {
    const { result, fault } = await run(jobOf("tails", { tails: 120, rounds: [2400], shape: SINGLE }));
    expect(fault).toBeUndefined();
    expect(result.rounds[0]?.idleMemory).toBeGreaterThan(0);
  });

  it("and fails for a work that it does not know, and for a record that is not what was asked for", async () => {
    await expect(run(jobOf("import"))).rejects.toThrow("unknown work");
    const other = { ...jobOf("open-read", { shape: SINGLE }), shape: { ...SINGLE, size: 99 } };
    await expect(run(other)).rejects.toThrow("the record did not come");
  });
});

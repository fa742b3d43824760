import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import { AppendRecord, S2 } from "@s2-dev/streamstore";
import { BASIN, type Server, s2Command, startServer } from "./runner/servers.js";

/** Seconds of writing, and rounds: `node dist/throughput.js [seconds] [rounds]`. */
const SECONDS = Number(process.argv[2] ?? 5);
const ROUNDS = Number(process.argv[3] ?? 3);
const SERVERS = ["local", "lite"] as const;
/** Looked for before anything is measured. */
const COMMAND = s2Command();
const MIB = 1024 * 1024;
const RECORD_BYTES = 1024;
/** What a record without headers weighs besides its body. */
const OVERHEAD = 8;
const BATCH = 1000;
const INFLIGHT = 5 * MIB;

/** MiB of metered bytes a second. */
interface Figures {
  readonly write: number;
  readonly read: number;
}

/** The service's own command: a writer as fast as it can, a reader that follows, then one from the start. */
async function s2Bench({ endpoint }: Server): Promise<Figures> {
  const args = ["bench", BASIN, "-b", String(RECORD_BYTES), "-t", "10000", "-d", `${SECONDS}s`, "-w", "0s"];
  const child = spawn(COMMAND, args, {
    env: {
      ...process.env,
      NO_COLOR: "1",
      S2_ACCESS_TOKEN: "ignored",
      S2_ACCOUNT_ENDPOINT: endpoint,
      S2_BASIN_ENDPOINT: endpoint,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (output += text));
  const [code] = (await once(child, "close")) as [number];
  const figure = (name: string): number => Number(new RegExp(`${name}: ([\\d.]+) MiB/s`).exec(output)?.[1]);
  if (code !== 0) throw new Error(`s2 bench ended with ${code}\n${output}`);
  return { write: figure("Write"), read: figure("Catchup") };
}

/** Our own client: one append session, then one read session from the start, in this process. */
async function ourClient({ endpoint }: Server): Promise<Figures> {
  const s2 = new S2({ accessToken: "ignored", endpoints: { account: endpoint, basin: endpoint } });
  const stream = s2.basin(BASIN).stream("throughput", { forceTransport: "s2s" });
  const body = new Uint8Array(RECORD_BYTES - OVERHEAD).fill(120);
  const batch = Array.from({ length: BATCH }, () => AppendRecord.make(body));
  const session = await stream.appendSession({ maxInflightBytes: INFLIGHT });
  const began = performance.now();
  let records = 0;
  for (; performance.now() - began < SECONDS * 1000; records += BATCH) await session.enqueue(batch);
  await session.close();
  const written = performance.now();
  const reading = await stream.readSession({ seq_num: 0, count: records, as: "bytes" });
  let seen = 0;
  for await (const { records: some } of reading.batches()) seen += some.length;
  const read = performance.now();
  await s2.close();
  if (seen !== records) throw new Error(`${records} records were written, and ${seen} read`);
  const rate = (millis: number): number => (records * RECORD_BYTES) / MIB / (millis / 1000);
  return { write: rate(written - began), read: rate(read - written) };
}

const CLIENTS = { "s2 bench": s2Bench, "our client": ourClient } as const;

/** A server of its own for each measurement; who goes first changes from round to round. */
async function measure(): Promise<void> {
  const found = new Map<string, Figures[]>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [client, run] of Object.entries(CLIENTS)) {
      for (const name of round % 2 === 0 ? SERVERS : [...SERVERS].reverse()) {
        const server = await startServer(name);
        try {
          const figures = await run(server);
          const key = `${client}\0${name}`;
          found.set(key, [...(found.get(key) ?? []), figures]);
        } finally {
          await server.stop();
        }
      }
    }
  }
  report(found);
}

function report(found: ReadonlyMap<string, readonly Figures[]>): void {
  const [cpu] = cpus();
  console.log(
    `${cpus().length} x ${cpu?.model}, Node.js ${process.version}, ${SECONDS} s, ${ROUNDS} rounds\n`,
  );
  console.log("| client | server | written, MiB/s | read back, MiB/s |\n|---|---|---|---|");
  for (const [key, all] of found) {
    const [client, server] = key.split("\0");
    const cell = (of: (figures: Figures) => number): string => {
      const sorted = all.map(of).sort((left, right) => left - right);
      const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
      return `${median.toFixed(0)} (${sorted[0]?.toFixed(0)} to ${sorted.at(-1)?.toFixed(0)})`;
    };
    console.log(`| ${client} | ${server} | ${cell(({ write }) => write)} | ${cell(({ read }) => read)} |`);
  }
}

await measure();

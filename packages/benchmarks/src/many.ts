import { fork } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { S2, type SessionTransports } from "@s2-dev/streamstore";
import { peakMemory } from "./client/measure.js";
import { type LoadReport, runLoad } from "./many/load.js";
import { BASIN, startServer } from "./runner/servers.js";

const USAGE = `node dist/many.js [options]
  --server NAME      local, lite (s2-lite); default local
  --transport NAME   s2s, fetch; default s2s
  --streams N,N,...  default 1,10,100,1000`;
const MIB = 1024 * 1024;
/** Batches of a run, unless a stream would get more than the second figure. */
const BATCHES = { all: 20_000, stream: 2000 } as const;
const BATCH = { recordsInBatch: 10, bodyBytes: 100, underWay: 4 } as const;

interface Measured extends LoadReport {
  readonly cpuMillis: number;
  readonly peak: number;
}

/** What a process of its own does with its arguments, so that memory and CPU time are those of the client alone. */
async function runAsClient([endpoint = "", streams = "", transport = ""]: string[]): Promise<void> {
  const s2 = new S2({ accessToken: "ignored", endpoints: { account: endpoint, basin: endpoint } });
  const count = Number(streams);
  const batches = Math.min(BATCHES.stream, Math.ceil(BATCHES.all / count));
  const load = { ...BATCH, streams: count, batches, transport: transport as SessionTransports };
  const report = await runLoad(s2, BASIN, load);
  const { user, system } = process.cpuUsage();
  await s2.close();
  const measured: Measured = { ...report, cpuMillis: (user + system) / 1000, peak: peakMemory() };
  process.send?.(measured);
  process.disconnect();
}

async function measure(
  server: "local" | "lite",
  transport: SessionTransports,
  streams: number,
): Promise<Measured> {
  const { endpoint, stop } = await startServer(server);
  try {
    const args = ["client", endpoint, String(streams), transport];
    const child = fork(fileURLToPath(import.meta.url), args, { execArgv: [] });
    const failed = once(child, "exit").then(([code]) => {
      throw new Error(`the client of ${streams} streams ended with code ${code}`);
    });
    const [measured] = (await Promise.race([once(child, "message"), failed])) as [Measured];
    failed.catch(() => undefined);
    return measured;
  } finally {
    await stop();
  }
}

async function runAll(): Promise<void> {
  const { values } = parseArgs({
    options: {
      server: { type: "string", default: "local" },
      transport: { type: "string", default: "s2s" },
      streams: { type: "string", default: "1,10,100,1000" },
      help: { type: "boolean" },
    },
  });
  const { server, transport } = values;
  const isKnown = (server === "local" || server === "lite") && (transport === "s2s" || transport === "fetch");
  if (values.help === true || !isKnown) return console.log(USAGE);
  const [cpu] = cpus();
  console.log(`${cpus().length} x ${cpu?.model}, Node.js ${process.version}, ${server}, ${transport}\n`);
  console.log(
    "| streams | records | records/s | acknowledged after, middle / p99 | client CPU a record | client's most memory |\n|---|---|---|---|---|---|",
  );
  for (const streams of values.streams.split(",").map(Number)) {
    const { records, millis, ackMillis, cpuMillis, peak } = await measure(server, transport, streams);
    const cells = [
      streams.toLocaleString("en"),
      records.toLocaleString("en"),
      Math.round(records / (millis / 1000)).toLocaleString("en"),
      `${ackMillis.middle.toFixed(1)} / ${ackMillis.p99.toFixed(1)} ms`,
      `${((cpuMillis * 1000) / records).toFixed(1)} us`,
      `${Math.round(peak / MIB)} MiB`,
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

const [role, ...rest] = process.argv.slice(2);
await (role === "client" ? runAsClient(rest) : runAll());

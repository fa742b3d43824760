import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ClientResult, Job } from "../job.js";

/** No client takes so long, in milliseconds. */
const PATIENCE = 120_000;

const CLIENT = fileURLToPath(new URL("./client.js", import.meta.url));

export interface ClientPaths {
  /** The built client on the Rust SDK. */
  readonly rust: string | undefined;
  /** Where to leave CPU profiles. */
  readonly profile: string | undefined;
}

/** Does a job in a fresh process. */
export async function runClient(job: Job, paths: ClientPaths): Promise<ClientResult> {
  const [command, args] = commandOf(job, paths);
  const child = spawn(command, [...args, JSON.stringify(job)], { stdio: ["ignore", "pipe", "pipe"] });
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    child.once("close", (status, killed) => resolve([status, killed]));
    child.once("error", reject);
  });
  clearTimeout(timer);
  if (code !== 0) {
    throw new Error(`${messageIn(errors)} (${job.stream}, ended with ${code ?? signal})`);
  }
  const line = output.trim().split("\n").at(-1) ?? "";
  return JSON.parse(line) as ClientResult;
}

/** What an uncaught error says, of all that Node or Rust prints around it. */
function messageIn(errors: string): string {
  const line = errors.split("\n").find((text) => /^\w*(Error|error)\b.*:/.test(text));
  return line ?? errors.trim().split("\n").at(-1) ?? "no message";
}

function commandOf(job: Job, { rust, profile }: ClientPaths): [string, string[]] {
  if (job.party === "rust") {
    if (rust === undefined) throw new Error("there is no Rust client");
    return [rust, []];
  }
  const flags = job.work === "tails" ? ["--expose-gc"] : [];
  if (profile !== undefined && !job.verify) {
    flags.push("--cpu-prof", "--cpu-prof-interval=200", `--cpu-prof-dir=${profile}`);
    flags.push(`--cpu-prof-name=${job.party}-${job.work}-${job.stream.replace("~", "-")}.cpuprofile`);
  }
  return [process.execPath, [...flags, CLIENT]];
}

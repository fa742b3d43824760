import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundlePrograms } from "../bundling.js";
import { eventually } from "../waiting.js";
import type { ServerState } from "./fuzz-server.js";

const SENTINEL = "sentinel-basin";
const FUZZED = "vector-basin-1";
const PROGRAM = fileURLToPath(new URL("./fuzz-server.ts", import.meta.url));
const JSON_TYPE = { "content-type": "application/json" };

let bundle: Promise<string> | undefined;

/** A server in a process of its own, so that it may crash, and its memory be measured. */
export class FuzzTarget {
  /** Set when the process has ended, which it must not. */
  crash: string | undefined;
  #appended = 0;

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
    output: () => string,
    private readonly token: string,
  ) {
    child.once("exit", (code, signal) => {
      this.crash = `the server ended with ${code ?? signal}\n${output()}`;
    });
  }

  static async start(
    options: {
      readonly auth?: string;
      readonly admin?: boolean;
      /** Where everything is kept; by default in memory. */
      readonly dir?: string;
      /** How long a peer over HTTP/2 may be busy with something else, in milliseconds. */
      readonly pingMs?: number;
    } = {},
  ): Promise<FuzzTarget> {
    bundle ??= bundlePrograms([PROGRAM]);
    const child = fork(join(await bundle, "fuzz-server.mjs"), {
      execArgv: ["--expose-gc"],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: {
        PATH: process.env.PATH,
        ...(options.auth === undefined ? {} : { S2_FUZZ_AUTH: options.auth }),
        ...(options.pingMs === undefined ? {} : { S2_FUZZ_PING_MS: String(options.pingMs) }),
        ...(options.dir === undefined ? {} : { S2_FUZZ_DIR: options.dir }),
        ...(options.admin === true ? { S2_FUZZ_ADMIN: "1" } : {}),
      },
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (piece: string) => {
        text = (text + piece).slice(-8000);
      });
    }
    const [{ port }] = (await once(child, "message")) as [{ port: number }];
    const target = new FuzzTarget(child, port, () => text, options.auth ?? "any");
    const config = {
      create_stream_on_append: true,
      create_stream_on_read: true,
      default_stream_config: { retention_policy: { infinite: {} } },
    };
    await target.#must("PUT", `/v1/basins/${SENTINEL}`, JSON.stringify({ config }));
    target.#appended = await target.kept();
    return target;
  }

  /** The basin that inputs are about, as they expect it. */
  async prepare(): Promise<void> {
    const config = { create_stream_on_append: true, create_stream_on_read: true };
    await this.#must("PUT", `/v1/basins/${FUZZED}`, JSON.stringify({ config }));
    await this.#must("PUT", "/v1/streams/s", "{}", FUZZED);
  }

  /** Appends a record and reads it again, as any client would; fails when that does not work. */
  async use(): Promise<void> {
    const body = recordOf(this.#appended);
    const append = JSON.stringify({ records: [{ body }], match_seq_num: this.#appended });
    await this.#must("POST", "/v1/streams/used/records", append, SENTINEL);
    const read = await this.#must(
      "GET",
      `/v1/streams/used/records?seq_num=${this.#appended}&count=1`,
      undefined,
      SENTINEL,
    );
    if (!read.includes(body)) throw new Error(`another record came: ${read}`);
    this.#appended += 1;
  }

  /** How many records `use` has appended, here or to a server before on the same directory; fails when one is another. */
  async kept(): Promise<number> {
    let count = 0;
    for (;;) {
      const path = `/v1/streams/used/records?clamp=true&wait=0&seq_num=${count}`;
      const answer = await this.#send("GET", path, undefined, SENTINEL);
      if (answer.status === 416) return count;
      const { records } = JSON.parse(answer.text) as { records: { seq_num: number; body: string }[] };
      for (const { seq_num, body } of records) {
        if (seq_num !== count || body !== recordOf(count)) throw new Error(`${body} is at ${seq_num}`);
        count += 1;
      }
    }
  }

  /** Deletes everything that inputs have made. */
  async clear(): Promise<void> {
    await eventually("basins are gone", async () => {
      const listed = JSON.parse(await this.#must("GET", "/v1/basins")) as {
        basins: { name: string; deleted_at: unknown }[];
      };
      const others = listed.basins.filter(({ name }) => name !== SENTINEL);
      if (others.length === 0) return true;
      for (const { name } of others.filter(({ deleted_at }) => deleted_at === null)) {
        await this.#must("DELETE", `/v1/basins/${name}`);
      }
      return undefined;
    });
  }

  async state(): Promise<ServerState> {
    if (this.crash !== undefined) throw new Error(this.crash);
    const answer = once(this.child, "message");
    this.child.send("state");
    const [state] = (await answer) as [ServerState];
    return state;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await gone;
  }

  async #must(method: string, path: string, body?: string, basin?: string): Promise<string> {
    const { status, text } = await this.#send(method, path, body, basin);
    if (status >= 300) throw new Error(`${method} ${path} was answered with ${status}: ${text}`);
    return text;
  }

  async #send(
    method: string,
    path: string,
    body?: string,
    basin?: string,
  ): Promise<{ readonly status: number; readonly text: string }> {
    if (this.crash !== undefined) throw new Error(this.crash);
    const answer = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : JSON_TYPE),
        ...(basin === undefined ? {} : { "s2-basin": basin }),
      },
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.status, text: await answer.text() };
  }
}

function recordOf(index: number): string {
  return `record ${index}`;
}

import { setTimeout as sleep } from "node:timers/promises";
import { Broken, type ChurnClient, createChurnClient, trimBody } from "./churn-client.js";
import { appended, EMPTY_STREAM, shortOf, textOf, trimmed, type World, withStream } from "./churn-world.js";
import type { MortalServer } from "./mortal-server.js";
import { createRandom } from "./random.js";

export interface ChurnOptions {
  readonly kills: number;
  /** Decides what is done, and the moments of the kills. */
  readonly seed: number;
}

/** What was done, and what was wrong. */
export interface ChurnReport {
  /** Acknowledged, by kind. */
  readonly done: Readonly<Record<Step, number>>;
  /** Requests of each kind that a kill cut off; and how many of those had been done. */
  readonly cutOff: Readonly<Record<Step, number>>;
  readonly hadEffect: number;
  /** One sentence each for what was there after a start, and is no outcome that there may be. */
  readonly faults: readonly string[];
}

type Step = "create" | "append" | "trim" | "delete" | "delete-basin";
const STEPS: readonly Step[] = ["create", "append", "trim", "delete", "delete-basin"];

const WORKERS = 4;
/** The last one is large: its removal takes several commits. */
const STREAMS = ["a", "b", "c", "deep"];
const DEEP = "deep";
const DEEP_BATCHES = 1200;
const MOST_RECORDS = 5;
const KILL_AFTER_MS = { least: 20, most: 700 } as const;

/** Creates, fills, trims and deletes streams and basins while the server is killed and started again. */
export async function churnAgainstKills(server: MortalServer, options: ChurnOptions): Promise<ChurnReport> {
  const moments = createRandom(options.seed);
  const origin = `http://127.0.0.1:${server.port}`;
  const workers = Array.from(
    { length: WORKERS },
    (_, index) =>
      new Worker(createChurnClient(origin, `churn-${options.seed}-${index}`), options.seed + 1 + index),
  );
  const faultsOf = (): string[] => workers.flatMap(({ faults }) => faults);
  await server.start();
  for (let kill = 0; kill < options.kills && faultsOf().length === 0; kill += 1) {
    await Promise.all(workers.map((worker) => worker.prepare()));
    const working = workers.map((worker) => worker.work());
    await sleep(KILL_AFTER_MS.least + moments() * (KILL_AFTER_MS.most - KILL_AFTER_MS.least));
    await server.kill();
    await Promise.all(working);
    await server.start();
    await Promise.all(workers.map((worker) => worker.verify()));
  }
  const sum = (of: (worker: Worker) => Record<Step, number>): Record<Step, number> => {
    const all = counts();
    for (const worker of workers) for (const step of STEPS) all[step] += of(worker)[step];
    return all;
  };
  return {
    done: sum(({ done }) => done),
    cutOff: sum(({ cutOff }) => cutOff),
    hadEffect: workers.reduce((total, { hadEffect }) => total + hadEffect, 0),
    faults: faultsOf(),
  };
}

function counts(): Record<Step, number> {
  return { create: 0, append: 0, trim: 0, delete: 0, "delete-basin": 0 };
}

/** Works on one basin of its own, and knows what must be in it. */
class Worker {
  readonly done = counts();
  readonly cutOff = counts();
  readonly faults: string[] = [];
  hadEffect = 0;
  readonly #client: ChurnClient;
  readonly #random: () => number;
  /** What there is; besides, what there may be after the step that was cut off. */
  #world: World;
  #possible: readonly World[] = [];
  #made = 0;

  constructor(client: ChurnClient, seed: number) {
    this.#client = client;
    this.#random = createRandom(seed);
  }

  /** Makes the large stream again if it has gone. */
  async prepare(): Promise<void> {
    if (this.#world === undefined) {
      await this.#client.createBasin();
      this.#world = new Map();
    }
    if (this.#world.has(DEEP)) return;
    const bodies = Array.from({ length: DEEP_BATCHES }, () => this.#body());
    await this.#client.fill(DEEP, bodies);
    this.#world = withStream(this.#world, DEEP, appended(EMPTY_STREAM, bodies));
  }

  /** One step after another, until the server is gone. */
  async work(): Promise<void> {
    for (;;) {
      const [step, run, outcomes] = this.#draw();
      this.#possible = outcomes;
      try {
        await run();
      } catch (error) {
        if (error instanceof Broken) this.cutOff[step] += 1;
        else this.faults.push(`${step}: ${(error as Error).message}`);
        return;
      }
      this.done[step] += 1;
      this.#world = outcomes.at(-1);
      this.#possible = [];
    }
  }

  /** Looks whether there is what there was, or what the last step would have made of it. */
  async verify(): Promise<void> {
    const found = await this.#client.observe(STREAMS);
    const text = textOf(found);
    if (text === textOf(this.#world)) this.#possible = [];
    else if (this.#possible.some((world) => textOf(world) === text)) this.hadEffect += 1;
    else {
      const expected = [this.#world, ...this.#possible].map(shortOf).join("\nor ");
      this.faults.push(`there is ${shortOf(found)}\ninstead of ${expected}`);
    }
    this.#world = found;
    this.#possible = [];
  }

  /** What to do next, and what there may be when it is cut off; the last is what there is when it is done. */
  #draw(): readonly [Step, () => Promise<void>, readonly World[]] {
    const world = this.#world;
    const client = this.#client;
    if (world === undefined) return ["create", () => client.createBasin(), [new Map()]];
    if (this.#random() < 0.04) return ["delete-basin", () => client.deleteBasin(), [undefined]];
    const name = STREAMS[Math.floor(this.#random() * STREAMS.length)] as string;
    const stream = world.get(name);
    if (stream === undefined)
      return ["create", () => client.createStream(name), [withStream(world, name, EMPTY_STREAM)]];
    const gone = withStream(world, name, undefined);
    const kind = this.#random();
    if (kind < 0.25) return ["delete", () => client.deleteStream(name), [gone]];
    if (kind < 0.4) {
      const point = Math.floor(this.#random() * (stream.next + 1));
      const after = withStream(world, name, trimmed(stream, point, trimBody(point)));
      return ["trim", () => client.trim(name, point, stream.next), [after]];
    }
    const bodies = Array.from({ length: 1 + Math.floor(this.#random() * MOST_RECORDS) }, () => this.#body());
    const after = withStream(world, name, appended(stream, bodies));
    return ["append", () => client.append(name, bodies, stream.next), [after]];
  }

  /** One that nobody else has. */
  #body(): string {
    this.#made += 1;
    return Buffer.from(`${this.#made} ${"x".repeat(Math.floor(this.#random() * 600))}`).toString("base64");
  }
}

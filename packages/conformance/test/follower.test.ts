import { RangeNotSatisfiableError } from "@s2-dev/streamstore";
import { createFollower, type Follower } from "@s2-dev/streamstore/follower";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, test } from "vitest";
import type { SdkBehaviour, Topic } from "../src/behaviour.js";
import { catchingUp } from "../src/behaviours/catching-up.js";
import { endingReads } from "../src/behaviours/ending-reads.js";
import { following } from "../src/behaviours/following.js";
import { timestamps } from "../src/behaviours/timestamps.js";
import { errorOf } from "../src/expecting.js";
import { type Bench, openBench } from "../src/faults/bench.js";
import { faultCases } from "../src/faults/cases.js";
import { followedStream, followerOf } from "../src/followed-stream.js";
import { createSdkContext, type SdkContext } from "../src/sdk-context.js";
import { startLocalServer } from "../src/servers/local.js";
import type { Server, ServerName } from "../src/servers/server.js";
import { settled } from "../src/waiting.js";

/** What a follower does not do as a client does, and why. */
const OTHERWISE: Readonly<Record<string, string>> = {
  "ends with the handle, the basin and the client it was opened through":
    "It is opened through none of them.",
};

const topics: readonly Topic[] = [following, endingReads, catchingUp, timestamps];
const behaviours = topics.flatMap(({ name, behaviours }) =>
  behaviours
    .filter((behaviour): behaviour is SdkBehaviour => behaviour.through === "sdk")
    .filter(({ says, wires }) => !(says in OTHERWISE) && (wires === undefined || wires.includes("fetch")))
    .map((behaviour) => [name, behaviour.says, behaviour] as const),
);

/** A context whose handles read by followers. */
function followingContext(context: SdkContext): SdkContext {
  const followed = (basin: string, stream: Awaited<ReturnType<SdkContext["stream"]>>) => {
    const follower = followerOf(context.origin, basin, stream.name);
    context.afterwards(() => follower.close());
    return followedStream(stream, follower);
  };
  const own: SdkContext = {
    ...context,
    handle: (basin, stream) => followed(basin.name, context.handle(basin, stream)),
    streamIn: async (basin, config) => followed(basin.name, await context.streamIn(basin, config)),
    stream: async (config) => own.streamIn(await context.basin(), config),
  };
  return own;
}

describe.each<ServerName>(["local", "s2-lite"])("a follower of %s", (name) => {
  const s2Lite = inject("s2Lite");
  const missing = name === "s2-lite" && "missing" in s2Lite ? s2Lite : undefined;
  let server: Server | undefined;
  beforeAll(async () => {
    if (missing !== undefined) return;
    server =
      name === "s2-lite" && "origin" in s2Lite
        ? { name, origin: s2Lite.origin, stop: async () => undefined }
        : await startLocalServer();
  });
  afterAll(() => server?.stop());

  const isSkipped = missing !== undefined && !missing.required;
  test.skipIf(isSkipped).each(behaviours)("%s: %s", async (_topic, _says, behaviour) => {
    if (server === undefined) throw new Error(missing?.missing);
    const { context, cleanup } = createSdkContext({ wire: "fetch", server: name }, server);
    try {
      await behaviour.run(followingContext(context));
    } finally {
      await cleanup.run();
    }
  });
});

describe("a follower of a server that", () => {
  const COUNT = 6;
  let bench: Bench;
  let follower: Follower;
  afterEach(async () => {
    await follower.close();
    await bench.close();
  });

  async function open(retry = {}): Promise<void> {
    bench = await openBench("fetch");
    for (let index = 0; index < COUNT; index += 1) await bench.stream.append({ body: `record ${index}` });
    follower = createFollower({
      accessToken: "any",
      endpoint: bench.local.origin,
      basin: "faulty-basin",
      stream: "log",
      retry: { minBaseDelayMillis: 1, maxBaseDelayMillis: 2, requestTimeoutMillis: 60_000, ...retry },
    });
  }

  // What falls silent behind its headers is noticed after 20 s: a test of the follower's own has the time for it.
  const cases = faultCases.filter(({ name }) => name !== "falls silent after the headers");

  it.each(cases.map((fault) => [fault.name, fault] as const))(
    "%s gives no record twice, and each of them",
    async (_name, { fault, isSilent }) => {
      const times = isSilent ? 1 : 2;
      await open({ maxAttempts: times + 2, ...(isSilent ? { requestTimeoutMillis: 1000 } : {}) });
      bench.local.faults.add({ on: { operation: "read", times }, do: fault });
      const read = async (): Promise<string[]> => {
        const seen: string[] = [];
        for await (const { body } of await follower.readSession({ seq_num: 0 })) {
          seen.push(body);
          if (seen.length === COUNT) break;
        }
        return seen;
      };
      expect(await settled("every record", read())).toEqual(await bench.log());
    },
  );

  it("refuses it says so, with the tail of the stream", async () => {
    await open();
    const error = await errorOf(follower.readSession({ seq_num: 99 }));
    expect(error).toBeInstanceOf(RangeNotSatisfiableError);
    expect(error).toMatchObject({ tail: { seq_num: COUNT } });
    expect((await follower.checkTail()).tail.seq_num).toBe(COUNT);
  });
});

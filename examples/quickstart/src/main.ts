import { AppendRecord, type ReadSession, S2, type S2Basin, S2Error } from "@s2-dev/streamstore";
import { startLocal } from "@s2-dev/streamstore-local";

/** A client, the basin to work in, and what has to be undone at the end. */
interface Place {
  readonly s2: S2;
  readonly basin: S2Basin;
  leave(): Promise<void>;
}

async function main(): Promise<void> {
  const place = isServiceNamed() ? await placeOnService() : await placeOnLocal();
  try {
    await tour(place.basin);
  } finally {
    await place.leave();
  }
}

/** A token, or endpoints: a server that checks no token needs none. */
function isServiceNamed(): boolean {
  const { S2_ACCESS_TOKEN, S2_ACCOUNT_ENDPOINT, S2_BASIN_ENDPOINT } = process.env;
  return Boolean(S2_ACCESS_TOKEN || S2_ACCOUNT_ENDPOINT || S2_BASIN_ENDPOINT);
}

async function placeOnLocal(): Promise<Place> {
  const local = await startLocal();
  const s2 = new S2({ accessToken: "ignored", endpoints: local.endpoints });
  say(`Server   the embedded one, at ${local.origin}`);
  say("         (set S2_ACCESS_TOKEN to use the real service)");
  const name = "quickstart-basin";
  await s2.basins.create({ basin: name });
  return {
    s2,
    basin: s2.basin(name),
    async leave() {
      await s2.close();
      await local.close();
    },
  };
}

/** The service, or any other server that the environment names. */
async function placeOnService(): Promise<Place> {
  const s2 = new S2({ accessToken: process.env.S2_ACCESS_TOKEN || "ignored" });
  say(`Server   ${process.env.S2_ACCOUNT_ENDPOINT ?? "the S2 service"}`);
  const given = process.env.S2_BASIN || undefined;
  const name = given ?? `quickstart-${crypto.randomUUID().slice(0, 8)}`;
  if (given === undefined) {
    await s2.basins.create({ basin: name });
    say(`Basin    ${name}, made for this run`);
  } else {
    say(`Basin    ${name}`);
  }
  return {
    s2,
    basin: s2.basin(name),
    async leave() {
      if (given === undefined) {
        await s2.basins.delete({ basin: name });
        say(`Basin    ${name} removed again`);
      }
      await s2.close();
    },
  };
}

async function tour(basin: S2Basin): Promise<void> {
  const name = `greetings/${crypto.randomUUID().slice(0, 8)}`;
  await basin.streams.create({ stream: name });
  try {
    say(`Stream   ${name}`);
    const stream = basin.stream(name);

    say("\nAppend   three records, as one batch");
    const ack = await stream.append([
      AppendRecord.make("Hello, world!", { lang: "en" }),
      AppendRecord.make("Grüezi, Welt!", { lang: "de-CH" }),
      AppendRecord.make(new Uint8Array([0x48, 0x69]), { type: "binary" }),
    ]);
    say(
      `         positions ${ack.start.seq_num} to ${ack.end.seq_num - 1}, the next will be ${ack.tail.seq_num}`,
    );

    say("\nRead     from the start");
    const batch = await stream.read({ seq_num: 0, count: 10 });
    for (const record of batch.records) {
      say(`         ${record.seq_num}  ${record.body}  ${JSON.stringify(record.headers)}`);
    }

    say("\nFollow   the stream live, while two more records are appended");
    const follower = await stream.readSession({ tail_offset: 0 });
    const [seen] = await Promise.all([take(follower, 2), appendLater()]);
    for (const line of seen) say(`         ${line}`);

    async function appendLater(): Promise<void> {
      const session = await stream.appendSession();
      await session.submit(AppendRecord.make("appended while you were reading"));
      await session.submit(AppendRecord.make("and seen at once"));
      await session.close();
    }
  } finally {
    await basin.streams.delete({ stream: name });
  }
  say("\nDone     the stream is deleted again");
}

/** The next records of a session that never ends by itself; leaving the loop ends it. */
async function take(session: ReadSession, count: number): Promise<string[]> {
  const lines: string[] = [];
  for await (const record of session) {
    lines.push(`${record.seq_num}  ${record.body}`);
    if (lines.length === count) break;
  }
  return lines;
}

function say(line: string): void {
  console.log(line);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof S2Error ? `Failed   ${error.message} (${error.code})` : error);
  process.exitCode = 1;
}

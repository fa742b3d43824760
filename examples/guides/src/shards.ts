import { S2 } from "@s2-dev/streamstore";

const SHARDS = 4;
const basin = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin");

/** What belongs to one key stays in order, since it is always in the same stream. FNV-1a, so any program agrees. */
function shardOf(key: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(key)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % SHARDS;
}

const shards = Array.from({ length: SHARDS }, (_, n) => basin.stream(`events/${n}`));
const sessions = await Promise.all(shards.map((stream) => stream.appendSession()));

const acks = [];
for (let n = 0; n < 100; n += 1) {
  const key = `user-${n % 10}`;
  acks.push(sessions[shardOf(key)]?.submit({ body: `event ${n}`, headers: { key } }));
}
await Promise.all(acks);
await Promise.all(sessions.map((session) => session.close()));

let total = 0;
for (const stream of shards) total += (await stream.checkTail()).tail.seq_num;
console.log(total, "events in", SHARDS, "streams");

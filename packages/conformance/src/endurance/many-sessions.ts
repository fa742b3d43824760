import { getEventListeners } from "node:events";
import { countHoldings } from "./counting.js";
import { resources, settledHeap } from "./memory.js";
import { openClient } from "./stream.js";

const holdings = countHoldings();

const sessions = Number(process.env.SESSIONS);
/** Sessions open at the same time. */
const abreast = Number(process.env.ABREAST);
const { client, stream } = openClient();
const { signal } = new AbortController();

/** Every other session reads a record, of the rest one in ten appends one. */
async function live(index: number): Promise<void> {
  if (index % 2 === 0) {
    const session = await stream.readSession({ seq_num: 0 }, { signal });
    for await (const _ of session) break;
    return;
  }
  const session = await stream.appendSession({}, { signal });
  if (index % 20 === 1) await session.submit({ body: "x" });
  await session.close();
}

async function liveThrough(count: number): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: abreast }, async () => {
      while (next < count) {
        next += 1;
        await live(next);
      }
    }),
  );
}

await liveThrough(Math.ceil(sessions / 10));
const before = { heap: await settledHeap(), resources: resources() };
await liveThrough(sessions - Math.ceil(sessions / 10));
const after = { heap: await settledHeap(), resources: resources() };
const held = holdings();
const listeners = getEventListeners(signal, "abort").length;
await client.close();
await new Promise((resolve) => setImmediate(resolve));
process.stdout.write(
  JSON.stringify({
    growth: after.heap - before.heap,
    before: before.resources,
    after: after.resources,
    listeners,
    held,
    closed: resources(),
    heldClosed: holdings(),
  }),
);

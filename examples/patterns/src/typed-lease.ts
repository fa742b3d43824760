import { S2 } from "@s2-dev/streamstore";
import { acquireLease } from "@s2-dev/streamstore-patterns/lease";
import { typed } from "@s2-dev/streamstore-patterns/typed";
import { z } from "zod";

const stream = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("ledger");
const ledger = typed(stream, { schema: z.object({ cents: z.number().int() }) });

// Renewals go through the session, in order with its batches, each of which carries the token of its moment.
const raw = await stream.appendSession();
await using lease = await acquireLease(stream, { owner: "writer-1", session: raw });
await using session = await ledger.appendSession({ session: raw, fencingToken: () => lease.fencingToken });

void session.submit({ cents: 100 });
await session.flush();
await lease.renew();
const { end } = await session.submit({ cents: 250 });
console.log((await ledger.read()).map(({ value }) => value.cents).join(" "), end);

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S2 } from "@s2-dev/streamstore";
import { typed } from "@s2-dev/streamstore-patterns/typed";
import { z } from "zod";
import { openLedger } from "./ledger.js";

const Payment = z.object({ account: z.string(), cents: z.number().int() });
const PAYMENTS = 200;

const [, , command, file = "", crashAfter = "", given] = process.argv;
// Another one in each run; its consumers are told which.
const name = given ?? `payments/${crypto.randomUUID()}`;
const s2 = new S2();
const payments = typed(s2.basin(process.env.S2_BASIN ?? "my-favourite-basin").stream(name), {
  schema: Payment,
});

/** Books what has not been booked yet. The position of each payment becomes durable in the same step as its effect. */
async function consume(file: string, crashAfter: number): Promise<void> {
  const ledger = await openLedger(file);
  let booked = 0;
  for (;;) {
    const messages = await payments.read({ resume: ledger.position(), count: 50 });
    if (messages.length === 0) return;
    for (const { value, resume } of messages) {
      booked += 1;
      // A crash may come before the commit or behind it; either way the file says what is true.
      if (booked === crashAfter && crashAfter % 2 === 0) process.exit(1);
      await ledger.book(value.account, value.cents, resume);
      if (booked === crashAfter) process.exit(1);
    }
  }
}

/** Runs the consumer as a process of its own, which crashes after so many payments. */
function consumer(file: string, crashAfter: number): Promise<boolean> {
  return new Promise((resolve) => {
    const args = [process.argv[1] ?? "", "consume", file, String(crashAfter), name];
    execFile(process.execPath, args, (error) => resolve(error === null));
  });
}

async function main(): Promise<void> {
  const session = await payments.appendSession();
  const expected: Record<string, number> = {};
  for (let index = 0; index < PAYMENTS; index += 1) {
    const account = `account-${index % 7}`;
    expected[account] = (expected[account] ?? 0) + index;
    void session.submit({ account, cents: index });
  }
  await session.close();

  const folder = await mkdtemp(join(tmpdir(), "ledger-"));
  try {
    const file = join(folder, "ledger.json");
    let crashes = 0;
    for (let crashAfter = 21; !(await consumer(file, crashAfter)); crashAfter += 3) crashes += 1;
    const { balances, bookings } = (await openLedger(file)).state();
    const isRight = Object.entries(expected).every(([account, cents]) => balances[account] === cents);
    console.log(
      `${crashes} crashes, ${bookings} bookings of ${PAYMENTS} payments, balances ${isRight ? "right" : "WRONG"}`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (command === "consume") await consume(file, Number(crashAfter));
else await main();
await s2.close();

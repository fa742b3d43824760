import { AppendRecord, type AppendRecordInput } from "@s2-dev/streamstore";
import { topic } from "../behaviour.js";
import { expectRefusals, MIB, type Refusal, UNSAFE, withTrap, wrong } from "../refusals.js";

/** A way to append: in a call, or in a session. */
type Append = (
  records: AppendRecordInput | readonly AppendRecordInput[],
  args?: { readonly fencing_token?: string; readonly match_seq_num?: number },
) => Promise<unknown>;

/** Two records with nothing between them, as a list is that was filled by index. */
const HOLED: AppendRecordInput[] = [{ body: "a" }];
HOLED[2] = { body: "b" };

const batches = (way: string, append: Append): readonly Refusal[] => [
  [`${way}: no record`, () => append([]), "records", "1 to 1000", "an array of 0"],
  [`${way}: 1001 records`, () => append(Array(1001).fill({ body: "" })), "1001", "1000"],
  [
    `${way}: a record of 1 MiB and a byte`,
    () => append({ body: "x".repeat(MIB - 7) }),
    String(MIB + 1),
    String(MIB),
  ],
  [
    `${way}: a batch of 1 MiB and a byte`,
    () => append([{ body: "x".repeat(MIB / 2 - 8) }, { body: "x".repeat(MIB / 2 - 7) }]),
    String(MIB + 1),
    String(MIB),
  ],
  [
    `${way}: a condition put into the record`,
    () => append(wrong({ body: "a", match_seq_num: 5 })),
    "records[0]",
    "match_seq_num",
  ],
  [
    `${way}: a token put into one of the records`,
    () => append([{ body: "a" }, wrong({ body: "b", fencing_token: "t" })]),
    "records[1]",
    "fencing_token",
  ],
  [
    `${way}: a token of 37 bytes`,
    () => append({ body: "a" }, { fencing_token: "x".repeat(37) }),
    "fencing_token",
    "37",
    "36",
  ],
  [
    `${way}: a token of 38 bytes in 19 characters`,
    () => append({ body: "a" }, { fencing_token: "é".repeat(19) }),
    "fencing_token",
    "38",
    "36",
  ],
  [
    `${way}: a place of NaN`,
    () => append({ body: "a" }, { match_seq_num: Number.NaN }),
    "match_seq_num",
    "NaN",
  ],
  [`${way}: a place of -1`, () => append({ body: "a" }, { match_seq_num: -1 }), "match_seq_num", "-1"],
  [
    `${way}: a place beyond numbers`,
    () => append({ body: "a" }, { match_seq_num: UNSAFE }),
    "match_seq_num",
    String(UNSAFE),
  ],
];

const timestampsAndBodies = (way: string, append: Append): readonly Refusal[] => [
  [`${way}: a timestamp of NaN`, () => append({ body: "a", timestamp: Number.NaN }), "timestamp", "NaN"],
  [
    `${way}: a timestamp beyond numbers`,
    () => append({ body: "a", timestamp: UNSAFE }),
    "timestamp",
    String(UNSAFE),
  ],
  [
    `${way}: a timestamp beyond 64 bits`,
    () => append({ body: "a", timestamp: 2n ** 64n }),
    "timestamp",
    String(2n ** 64n),
  ],
  [`${way}: a timestamp before 0`, () => append({ body: "a", timestamp: -5n }), "timestamp", "-5"],
  [
    `${way}: half a millisecond`,
    () => append([{ body: "a" }, { body: "b", timestamp: 0.5 }]),
    "timestamp",
    "0.5",
  ],
  [`${way}: a body that is none`, () => append({ body: wrong(5) }), "body", "5"],
  [`${way}: a record that is none`, () => append(wrong([null])), "record", "null"],
  [`${way}: a hole among records`, () => append(wrong(HOLED)), "records[1]", "undefined"],
  [`${way}: a hole in front`, () => append(wrong(Array(2))), "records[0]", "undefined"],
];

const headersAndCommands = (way: string, append: Append): readonly Refusal[] => [
  [`${way}: a header without a value`, () => append({ headers: wrong([["a"]]) }), "header"],
  [`${way}: a header of a number`, () => append({ headers: wrong({ a: 5 }) }), "header", "5"],
  [
    `${way}: an empty header name beside others`,
    () =>
      append({
        headers: [
          ["", "x"],
          ["a", "b"],
        ],
      }),
    "header",
    "empty",
  ],
  [`${way}: a command there is not`, () => append(AppendRecord.command("explode")), "command", "explode"],
  [
    `${way}: a trim of 7 bytes`,
    () => append({ headers: [["", "trim"]], body: new Uint8Array(7) }),
    "trim",
    "7",
    "8",
  ],
  [
    `${way}: a fence of 37 bytes`,
    () => append({ headers: [["", "fence"]], body: "x".repeat(37) }),
    "fenc",
    "37",
    "36",
  ],
];

const commandsMade = (): readonly Refusal[] => [
  ["a fence of 37 bytes", () => AppendRecord.fence("x".repeat(37)), "fencing token", "37", "36"],
  ["a trim before 0", () => AppendRecord.trim(-1), "trim", "-1"],
  ["a trim of NaN", () => AppendRecord.trim(Number.NaN), "trim", "NaN"],
  ["a trim beyond numbers", () => AppendRecord.trim(UNSAFE), "trim", String(UNSAFE)],
  ["a trim beyond 64 bits", () => AppendRecord.trim(2n ** 64n), "trim", String(2n ** 64n)],
];

export const refusingRecords = topic("refusing-records", ({ sdk }) => {
  sdk(
    "refuses batches and records that the service would not take, in calls and sessions alike",
    ["sdk.refusals", "records.batch-limits", "names.fencing-token", "commands.form"],
    async (ctx) => {
      await withTrap(ctx, async (stream) => {
        const session = await stream.appendSession();
        const ways: [way: string, append: Append][] = [
          ["unary", (records, args) => stream.append(records, args)],
          ["session", (records, args) => session.submit(records, args)],
          ["enqueue", (records, args) => session.enqueue(records, args)],
        ];
        for (const [way, append] of ways) {
          await expectRefusals([
            ...batches(way, append),
            ...timestampsAndBodies(way, append),
            ...headersAndCommands(way, append),
          ]);
        }
        await session.close();
      });
    },
  );

  sdk(
    "refuses commands when they are made",
    ["sdk.refusals", "commands.fence", "commands.trim"],
    async () => {
      await expectRefusals(commandsMade());
    },
  );
});

import type { ReadArgs } from "@s2-dev/streamstore";
import { topic } from "../behaviour.js";
import { expectRefusals, type Refusal, UNSAFE, withTrap, wrong } from "../refusals.js";

/** A way to read: in a call, or in a session. */
type Read = (args: ReadArgs<"string">) => Promise<unknown>;

const NUMBERS = ["seq_num", "timestamp", "tail_offset", "count", "bytes", "until"] as const;

const starts = (way: string, read: Read): readonly Refusal[] => [
  [`${way}: two starts`, () => read({ seq_num: 1, timestamp: 2 }), "seq_num 1", "timestamp 2", "one"],
  [`${way}: two starts of 0`, () => read({ seq_num: 0, tail_offset: 0 }), "seq_num", "tail_offset"],
  [
    `${way}: a timestamp that is not before until`,
    () => read({ timestamp: 5, until: 5 }),
    "timestamp",
    "until",
    "5",
  ],
];

const numbers = (way: string, read: Read, name: (typeof NUMBERS)[number]): readonly Refusal[] => [
  [`${way}: ${name} of -1`, () => read({ [name]: -1 }), name, "-1"],
  [`${way}: ${name} of NaN`, () => read({ [name]: Number.NaN }), name, "NaN"],
  [`${way}: ${name} of Infinity`, () => read({ [name]: Number.POSITIVE_INFINITY }), name, "Infinity"],
  [`${way}: ${name} of 1.5`, () => read({ [name]: 1.5 }), name, "1.5"],
  [
    `${way}: ${name} beyond numbers`,
    () => read({ [name]: UNSAFE }),
    name,
    String(UNSAFE),
    String(UNSAFE - 1),
  ],
  [`${way}: ${name} as text`, () => read(wrong({ [name]: "1" })), name, '"1"'],
];

const waitsAndForms = (way: string, read: Read): readonly Refusal[] => [
  [`${way}: a wait before 0`, () => read({ wait: -1 }), "wait", "-1"],
  [`${way}: a wait of NaN`, () => read({ wait: Number.NaN }), "wait", "NaN"],
  [
    `${way}: a wait of more than 32 bits`,
    () => read({ wait: 2 ** 32 }),
    "wait",
    String(2 ** 32),
    String(2 ** 32 - 1),
  ],
  [`${way}: clamp as a number`, () => read({ clamp: wrong(1) }), "clamp", "1"],
  [`${way}: a format there is not`, () => read({ as: wrong("text") }), "as", "text"],
];

export const refusingReads = topic("refusing-reads", ({ sdk }) => {
  sdk(
    "refuses reads that the service would not take, in calls and sessions alike",
    ["sdk.refusals", "read.one-start", "read.timestamp-until"],
    async (ctx) => {
      await withTrap(ctx, async (stream) => {
        const ways: [way: string, read: Read][] = [
          ["unary", (args) => stream.read(args)],
          ["session", (args) => stream.readSession(args)],
        ];
        for (const [way, read] of ways) {
          await expectRefusals([
            ...starts(way, read),
            ...NUMBERS.flatMap((name) => numbers(way, read, name)),
            ...waitsAndForms(way, read),
          ]);
        }
      });
    },
  );
});

import { AppendRecord, commandOf, FencingTokenMismatchError, S2 } from "@s2-dev/streamstore";

const stream = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("commands");

// From this record on, who names another token is refused. Who names none is not.
await stream.append(AppendRecord.fence("writer-2"));
try {
  await stream.append({ body: "late" }, { fencing_token: "writer-1" });
} catch (error) {
  if (!(error instanceof FencingTokenMismatchError)) throw error;
  console.log("the stream is fenced by", error.expectedFencingToken);
}
await stream.append({ body: "in time" }, { fencing_token: "writer-2" });

// Everything before 1 may go. A trim is a record, too, and takes effect in the background.
await stream.append(AppendRecord.trim(1), { fencing_token: "writer-2" });

// Readers get commands like any other record, unless they say `ignoreCommandRecords: true`.
const { records } = await stream.read({ seq_num: 1, as: "bytes" });
for (const record of records) console.log(record.seq_num, commandOf(record)?.command ?? "data");

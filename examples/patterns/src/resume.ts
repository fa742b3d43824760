import { AppendRecord, S2 } from "@s2-dev/streamstore";
import { resumeReading } from "@s2-dev/streamstore-patterns/reading";

const stream = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("checkpoints");
await stream.append([{ body: "one" }, { body: "two" }, { body: "three" }, { body: "four" }]);

let saved = "";
const records = await resumeReading(stream, 0, { wait: 0 });
for await (const record of records) {
  // Whatever happens after this line, a later run goes on behind this record.
  saved = String(records.cursor());
  if (record.body === "two") break;
}

await stream.append(AppendRecord.trim(3));

// What was trimmed meanwhile is an error, unless the reader says what to do about it.
const later = await resumeReading(stream, saved, {
  wait: 0,
  ignoreCommandRecords: true,
  onGap: ({ expected, found }) => console.log(`records ${expected} to ${found - 1} are gone`),
});
for await (const record of later) console.log("then", record.body);

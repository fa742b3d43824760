import { S2 } from "@s2-dev/streamstore";
import { AppendAllError, appendAll } from "@s2-dev/streamstore-patterns/writing";

const stream = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("imported");

async function* lines(): AsyncGenerator<{ body: string }> {
  for (let line = 1; line <= 2500; line += 1) yield { body: `line ${line}` };
  throw new Error("the file is damaged");
}

try {
  await appendAll(stream, lines(), {
    match_seq_num: 0,
    onProgress: ({ records, end }) => console.log(`${records} records are durable, up to ${end?.seq_num}`),
  });
} catch (error) {
  if (!(error instanceof AppendAllError)) throw error;
  // The first so many of the source; then those of which it is not known; nothing behind them.
  console.log(error.progress.records, error.uncertain, error.message);
}

import { S2, SeqNumMismatchError } from "@s2-dev/streamstore";

const basin = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin");

/** As `resumableStream(id, make)` of resumable-stream: one caller makes the text, and every caller gets all of it. */
async function resumable(id: string, make: () => ReadableStream<string>): Promise<AsyncIterable<string>> {
  const stream = basin.stream(`texts/${id}`);
  try {
    // Whoever appends the first record is the one that makes the text.
    await stream.append({ headers: { mark: "begin" } }, { match_seq_num: 0 });
    store(id, make()).catch((error) => console.error("the text breaks off:", error));
  } catch (error) {
    if (!(error instanceof SeqNumMismatchError)) throw error;
  }
  return replay(id);
}

async function store(id: string, text: ReadableStream<string>): Promise<void> {
  const session = await basin.stream(`texts/${id}`).appendSession({ exactlyOnce: true });
  for await (const body of text) await session.enqueue({ body });
  await session.submit({ headers: { mark: "end" } });
  await session.close();
}

async function* replay(id: string): AsyncGenerator<string> {
  // From the beginning, then live; after a lost connection it goes on where it was.
  for await (const { body, headers } of await basin
    .stream(`texts/${id}`)
    .readSession({ seq_num: 1, clamp: true })) {
    if (headers.mark === "end") return;
    yield body;
  }
}

const words = () =>
  new ReadableStream<string>({
    start(controller) {
      for (const word of ["Once ", "upon ", "a ", "time"]) controller.enqueue(word);
      controller.close();
    },
  });
const readers = await Promise.all([resumable("7", words), resumable("7", words)]);
for (const reader of readers) {
  let text = "";
  for await (const piece of reader) text += piece;
  console.log(text);
}

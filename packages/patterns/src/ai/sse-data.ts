import { invalidArgument } from "@s2-dev/streamstore-core";

/** What ends a UI message stream. */
export const DONE = "[DONE]";

const LINE_END = /\r\n|\n|\r/;

/**
 * The data of each event in the text of server-sent events, cut anywhere. Comments and other fields are left out, and so
 * is `[DONE]`. Throws at a line of more than `maxLength` characters.
 */
export async function* dataOfSse(
  stream: ReadableStream<string>,
  maxLength = Number.POSITIVE_INFINITY,
): AsyncGenerator<string, undefined> {
  const reader = stream.getReader();
  let isDone = false;
  try {
    let rest = "";
    let data: string[] = [];
    for (;;) {
      const { done, value } = await reader.read();
      isDone = done;
      if (done) return undefined;
      rest += value;
      // A line that may go on, or whose end may, waits for what comes.
      const lines = rest.endsWith("\r") ? [rest] : rest.split(LINE_END);
      rest = lines.pop() ?? "";
      if (rest.length > maxLength) throw invalidArgument(`an event is longer than ${maxLength} characters`);
      for (const line of lines) {
        if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5));
        else if (line === "" && data.length > 0) {
          const text = data.join("\n");
          data = [];
          if (text !== DONE) yield text;
        }
      }
    }
  } finally {
    if (!isDone) await reader.cancel("not read on").catch(() => {});
    reader.releaseLock();
  }
}

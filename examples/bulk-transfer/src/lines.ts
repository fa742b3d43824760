/** A line of a file as bytes, without its end. */
export interface Line {
  readonly body: Uint8Array;
  /** Where in the file the next one begins. */
  readonly end: number;
}

const NEWLINE = 0x0a;

/** The lines of a file whose bytes come in chunks, the first of them from `start` on. The last may lack its end. */
export async function* linesOf(chunks: AsyncIterable<Buffer>, start: number): AsyncGenerator<Line> {
  let end = start;
  /** The parts of a line that is not whole yet. */
  let parts: Buffer[] = [];
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      const last = chunk.subarray(from, at);
      const body = parts.length === 0 ? last : Buffer.concat([...parts, last]);
      parts = [];
      from = at + 1;
      end += body.length + 1;
      yield { body, end };
    }
    if (from < chunk.length) parts.push(chunk.subarray(from));
  }
  if (parts.length > 0) {
    const body = Buffer.concat(parts);
    yield { body, end: end + body.length };
  }
}

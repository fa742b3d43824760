const HEAD_END = Buffer.from("\r\n\r\n");
const LINE_END = Buffer.from("\r\n");

/** Reads one HTTP/1.1 answer piece by piece. */
export class AnswerReader {
  status = 0;
  contentType = "";
  /** Whether the answer has been read to its end. */
  isComplete = false;
  /** Whether the server will use the connection for another request. */
  isReusable = true;
  #pending: Buffer = Buffer.alloc(0);
  #body: Buffer[] = [];
  /** Bytes left of a body or chunk; `undefined` while the head, or a chunk's, is to come. */
  #left: number | undefined;
  #framing: "head" | "length" | "chunks" | "close" = "head";

  constructor(private readonly hasNoBody: boolean) {}

  get body(): Buffer {
    return Buffer.concat(this.#body);
  }

  push(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (!this.isComplete && this.#step());
  }

  /** The connection has ended. */
  end(): void {
    if (this.#framing === "close") this.isComplete = true;
  }

  /** Whether there may be more to do. */
  #step(): boolean {
    switch (this.#framing) {
      case "head":
        return this.#readHead();
      case "chunks":
        return this.#left === undefined ? this.#readChunkHead() : this.#take();
      default:
        return this.#take();
    }
  }

  #readHead(): boolean {
    const end = this.#pending.indexOf(HEAD_END);
    if (end < 0) return false;
    const [first = "", ...lines] = this.#pending.subarray(0, end).toString("latin1").split("\r\n");
    this.#pending = this.#pending.subarray(end + HEAD_END.length);
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1]);
    if (!(status >= 100)) throw new Error(`no answer of HTTP/1.1: ${JSON.stringify(first.slice(0, 100))}`);
    if (status < 200) return true;
    this.status = status;
    const headers = new Map(
      lines.map((line) => [
        line.slice(0, line.indexOf(":")).toLowerCase(),
        line.slice(line.indexOf(":") + 1).trim(),
      ]),
    );
    this.contentType = headers.get("content-type") ?? "";
    this.isReusable = headers.get("connection") !== "close";
    const length = headers.get("content-length");
    if (this.hasNoBody || status === 204 || status === 304) this.isComplete = true;
    else if (headers.get("transfer-encoding") === "chunked") this.#framing = "chunks";
    else if (length !== undefined) {
      this.#framing = "length";
      this.#left = Number(length);
      this.isComplete = this.#left === 0;
    } else this.#framing = "close";
    return true;
  }

  #readChunkHead(): boolean {
    const end = this.#pending.indexOf(LINE_END);
    if (end < 0) return false;
    const size = Number.parseInt(this.#pending.subarray(0, end).toString("latin1"), 16);
    if (size === 0) {
      this.isComplete = true;
      return false;
    }
    this.#pending = this.#pending.subarray(end + LINE_END.length);
    this.#left = size + LINE_END.length;
    return true;
  }

  #take(): boolean {
    if (this.#pending.length === 0) return false;
    const piece = this.#pending.subarray(0, this.#left ?? this.#pending.length);
    this.#body.push(
      this.#framing === "chunks" && piece.length === this.#left ? piece.subarray(0, -2) : piece,
    );
    this.#pending = this.#pending.subarray(piece.length);
    if (this.#left === undefined) return false;
    this.#left -= piece.length;
    if (this.#left > 0) return false;
    this.#left = undefined;
    if (this.#framing === "length") this.isComplete = true;
    return true;
  }
}

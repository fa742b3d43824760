import type {
  AppendAck,
  AppendRecordInput,
  AppendSession,
  ReadArgs,
  ReadSession,
  RecordFormat,
} from "@s2-dev/streamstore-core";
import { MemoryAppendSession, type MemoryAppendSessionOptions } from "./memory-append-session.js";
import { MemoryReadSession, type MemoryReadSessionOptions } from "./memory-read-session.js";
import { MemoryStream, storedRecord } from "./memory-stream.js";

/** What a call was told besides its records. */
type GivenArgs = Readonly<Record<string, unknown>>;

/** A handle of a stream in memory that opens sessions, too. */
export class MemorySource {
  readonly stream = new MemoryStream();
  /** The conditions of each unary append. */
  readonly appendedWith: GivenArgs[] = [];
  /** What each read was asked for. */
  readonly readWith: GivenArgs[] = [];
  readonly sessions: MemoryAppendSession[] = [];
  readonly reads: MemoryReadSession[] = [];
  sessionOptions: MemoryAppendSessionOptions = {};
  readOptions: MemoryReadSessionOptions = {};

  async append(
    records: AppendRecordInput | readonly AppendRecordInput[],
    args: { readonly match_seq_num?: number | null | undefined } = {},
  ): Promise<AppendAck> {
    this.appendedWith.push(args as GivenArgs);
    const list = (Array.isArray(records) ? records : [records]) as readonly AppendRecordInput[];
    return this.stream.append({ records: list, match_seq_num: args.match_seq_num ?? undefined });
  }

  async appendSession(): Promise<AppendSession> {
    const session = new MemoryAppendSession(this.stream, this.sessionOptions);
    this.sessions.push(session);
    return session;
  }

  async readSession<F extends RecordFormat = "string">(args: ReadArgs<F> = {}): Promise<ReadSession<F>> {
    this.readWith.push(args as GivenArgs);
    const from = args.seq_num ?? this.stream.records.length;
    const session = new MemoryReadSession(
      this.stream.records.filter(({ seq_num }) => seq_num >= from),
      this.readOptions,
    );
    this.reads.push(session);
    return session as unknown as ReadSession<F>;
  }

  /** Puts records into the stream as another program would. */
  put(...records: AppendRecordInput[]): void {
    for (const record of records) this.stream.records.push(storedRecord(record, this.stream.records.length));
  }
}

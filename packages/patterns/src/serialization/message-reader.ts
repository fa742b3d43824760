import type { ReadRecord } from "@s2-dev/streamstore-core";
import { checkOptions, type OptionNames } from "../options/check-options.js";
import { DedupeFilter } from "./dedupe-filter.js";
import { FrameAssembler, type FrameAssemblerOptions } from "./frame-assembler.js";
import { readReservedHeaders } from "./reserved-headers.js";

/** How records become messages. */
export interface MessageReaderOptions extends FrameAssemblerOptions {
  /** Drop copies of records that carry their writer's number. Default true. */
  readonly enableDedupe?: boolean | undefined;
}

const NAMES: OptionNames<MessageReaderOptions> = {
  enableDedupe: true,
  maxFrameBytes: true,
  maxWriters: true,
  maxSilentRecords: true,
  onDiscard: true,
};

/** Turns the records of a stream into the messages that they complete. */
export class MessageReader {
  readonly #assembler: FrameAssembler;
  readonly #filter: DedupeFilter | undefined;

  constructor(options: MessageReaderOptions) {
    checkOptions(options, "a deserializing session", NAMES);
    const { enableDedupe = true, maxWriters } = options;
    this.#assembler = new FrameAssembler(options);
    this.#filter = enableDedupe ? new DedupeFilter({ maxWriters }) : undefined;
  }

  /** Takes the next record; the message that it completes, if any. Throws `FrameSizeError`. */
  push(record: ReadRecord<"bytes">): Uint8Array | undefined {
    this.#assembler.reach(record.seq_num);
    const reserved = readReservedHeaders(record.headers);
    const { dedupe } = reserved;
    if (this.#filter !== undefined && dedupe !== undefined && !this.#filter.accepts(dedupe[0], dedupe[1])) {
      return undefined;
    }
    return this.#assembler.take(record, reserved)?.payload;
  }
}

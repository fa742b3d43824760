import type { LogEntry } from "../storage/storage.js";
import type { U64 } from "../storage/u64.js";
import type { Command } from "./append-input.js";

/** What a command has set, and the sequence number behind that command. */
interface CommandState<T> {
  readonly value: T;
  readonly appliedAt: number;
}

/** What the log has to keep of the commands of a batch. */
type CommandChanges = Pick<LogEntry, "fencingToken" | "trimPoint">;

/** What commands have set on a stream, those in flight included. */
export class CommandStates {
  #fencing: CommandState<string>;
  #trim: CommandState<U64>;

  /** What stands in a log whose tail is at `appliedAt`. */
  constructor(fencingToken: string, trimPoint: U64, appliedAt: number) {
    this.#fencing = { value: fencingToken, appliedAt };
    this.#trim = { value: trimPoint, appliedAt };
  }

  /** The fencing token. */
  get fencing(): CommandState<string> {
    return this.#fencing;
  }

  /** The first sequence number that is not trimmed. */
  get trim(): CommandState<U64> {
    return this.#trim;
  }

  /** Applies the commands of a batch in their order, and gives what they have changed. */
  apply(commands: readonly Command[], firstSeqNum: number, isTerminal: boolean): CommandChanges {
    const [fencingBefore, trimBefore] = [this.#fencing, this.#trim];
    for (const command of commands) this.#apply(command, firstSeqNum + command.index + 1, isTerminal);
    return {
      ...(this.#fencing === fencingBefore ? {} : { fencingToken: this.#fencing.value }),
      ...(this.#trim === trimBefore ? {} : { trimPoint: this.#trim.value }),
    };
  }

  #apply(command: Command, appliedAt: number, isTerminal: boolean): void {
    if (command.op === "fence") {
      this.#fencing = { value: command.token, appliedAt };
      return;
    }
    // A trim reaches no further than itself, but for the one that ends the stream.
    const point = !isTerminal && command.point > appliedAt ? appliedAt : command.point;
    if (point > this.#trim.value) this.#trim = { value: point, appliedAt };
  }
}

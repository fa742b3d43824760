import type { S2Stream } from "@s2-dev/streamstore";
import { commandOf, FencingTokenMismatchError, type ReadRecord, S2Error } from "@s2-dev/streamstore-core";
import { checkInteger } from "@s2-dev/streamstore-core/transport";
import { checkOptions, type OptionNames } from "../options/check-options.js";
import { randomId } from "../random/random-id.js";
import { readLast } from "../reading/read-last.js";

/** What is needed of a handle of a stream to find out its fencing token. */
export type FencedStream = Pick<S2Stream, "append" | "checkTail" | "readSession">;

/** How a fencing token is looked for. */
export interface FencingTokenOptions {
  /** Records before the tail among which the last fence command is looked for. Default 100. */
  readonly lookBack?: number | undefined;
  /** Ends the search; it rejects with `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

const NAMES: OptionNames<FencingTokenOptions> = { lookBack: true, signal: true };
const DEFAULT_LOOK_BACK = 100;
const TOKEN_BYTES = 36;

/**
 * The stream's current fencing token, empty when none is set. Reads the last fence command; where that lies too far back
 * or was trimmed, an append that must fail tells: it carries a token that nobody has.
 */
export async function currentFencingToken(
  stream: FencedStream,
  options: FencingTokenOptions = {},
): Promise<string> {
  const token = await unlessRefused(readFencingToken(stream, options), ["permission_denied"]);
  return token ?? probeFencingToken(stream, options.signal);
}

/** What a look at the stream gave; `undefined` when it was refused for one of these reasons. */
export async function unlessRefused<T>(look: Promise<T>, codes: readonly string[]): Promise<T | undefined> {
  try {
    return await look;
  } catch (error) {
    if (error instanceof S2Error && codes.includes(error.code ?? "")) return undefined;
    throw error;
  }
}

/** The token as the records tell it; `undefined` when they do not. Appends nothing. */
export async function readFencingToken(
  stream: FencedStream,
  options: FencingTokenOptions = {},
): Promise<string | undefined> {
  checkOptions(options, "a look for the fencing token", NAMES);
  const { lookBack = DEFAULT_LOOK_BACK, signal } = options;
  checkInteger(lookBack, "lookBack");
  const records = await readLast(stream, lookBack, { as: "bytes", unsafeTimestamps: "saturate" }, { signal });
  const token = lastFence(records);
  if (token !== undefined) return token;
  // All there ever was, and no fence in it.
  const first = records[0];
  if (first !== undefined) return first.seq_num === 0 ? "" : undefined;
  return (await stream.checkTail({ signal })).tail.seq_num === 0 ? "" : undefined;
}

/** The token as the service tells it to an append that cannot succeed. */
export async function probeFencingToken(stream: FencedStream, signal?: AbortSignal): Promise<string> {
  try {
    await stream.append({ body: "" }, { fencing_token: randomId(TOKEN_BYTES) }, { signal });
  } catch (error) {
    if (error instanceof FencingTokenMismatchError) return error.expectedFencingToken;
    throw error;
  }
  throw new S2Error({
    message: "The service took an append whose fencing token nobody can have set",
    code: "PROTOCOL_ERROR",
  });
}

function lastFence(records: readonly ReadRecord<"bytes">[]): string | undefined {
  for (let index = records.length - 1; index >= 0; index -= 1) {
    const command = commandOf(records[index] as ReadRecord<"bytes">);
    if (command?.command === "fence") return command.fencingToken;
  }
  return undefined;
}

/** The mismatch that an error is, or was caused by: a retried append may be told of its own first copy. */
export function mismatchIn(error: unknown): FencingTokenMismatchError | undefined {
  for (let current: unknown = error; current instanceof S2Error; current = current.cause) {
    if (current instanceof FencingTokenMismatchError) return current;
  }
  return undefined;
}

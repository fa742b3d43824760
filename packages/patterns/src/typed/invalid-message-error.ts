import { S2Error } from "@s2-dev/streamstore-core";
import { show } from "@s2-dev/streamstore-core/transport";
import type { TypedMessage } from "./message-types.js";
import type { SchemaIssue } from "./standard-schema.js";

/**
 * What is wrong with a message: it does not fit its schema (`schema`), the codec could not write or read it (`encode`,
 * `decode`), its type is none of the union's (`type`), its version is newer than this program's or has no upcaster
 * (`version`), an upcaster failed (`upcast`), or it is larger than `maxFrameBytes` (`size`).
 */
export type MessageProblem = "decode" | "encode" | "schema" | "size" | "type" | "upcast" | "version";

/** What is wrong at one place of a message. */
export interface MessageIssue {
  /** What is wrong there. */
  readonly message: string;
  /** Keys from the message's value down to the place; empty for the value itself. */
  readonly path: readonly PropertyKey[];
}

/** Which message it is. Nothing is known of where a message lies that was never written. */
export interface MessagePlace {
  readonly seqNum?: number | undefined;
  readonly end?: number | undefined;
  readonly type?: string | undefined;
  readonly version?: number | undefined;
}

/** Issues that are told in the error's message. */
const ISSUES_TOLD = 3;

/** A message that cannot be written, or was read and cannot be used. Its code is `INVALID_MESSAGE`. */
export class InvalidMessageError extends S2Error {
  /** What does not fit, where the schema or the codec can say. */
  readonly problem: MessageProblem;
  /** One for each place that the schema complains of; otherwise one. */
  readonly issues: readonly MessageIssue[];
  /** Sequence number of the message's first record, if it was read. */
  readonly seqNum?: number;
  /** Where a reader goes on behind it, if it was read. */
  readonly end?: number;
  /** Type of the message, if it has one. */
  readonly type?: string;
  /** Schema version of the message, if it was read. */
  readonly version?: number;
  /** The good messages before it, where `read` was ended by it: they are not lost. Go on behind it at `end`. */
  readonly before?: readonly TypedMessage<unknown>[];

  constructor(
    problem: MessageProblem,
    issues: readonly MessageIssue[],
    place: MessagePlace,
    options: { readonly cause?: unknown } = {},
  ) {
    super({
      message: `${nameOf(place)} ${SAYS[problem]}: ${textOfIssues(issues)}`,
      code: "INVALID_MESSAGE",
      status: 400,
      sideEffect: "none",
      retryable: false,
      ...options,
    });
    this.name = "InvalidMessageError";
    this.problem = problem;
    this.issues = issues;
    const { seqNum, end, type, version } = place;
    if (seqNum !== undefined) this.seqNum = seqNum;
    if (end !== undefined) this.end = end;
    if (type !== undefined) this.type = type;
    if (version !== undefined) this.version = version;
  }
}

const SAYS: Readonly<Record<MessageProblem, string>> = {
  decode: "cannot be decoded",
  encode: "cannot be encoded",
  schema: "does not fit its schema",
  size: "is too large",
  type: "is of no known type",
  upcast: "could not be brought up to the present version",
  version: "is of a version that cannot be read",
};

/** The same for one problem with the whole value. */
export function invalidMessage(
  problem: MessageProblem,
  cause: unknown,
  place: MessagePlace,
): InvalidMessageError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new InvalidMessageError(problem, [{ message, path: [] }], place, { cause });
}

/** What a validator has found. */
export function issuesFromSchema(issues: readonly SchemaIssue[]): MessageIssue[] {
  return issues.map(({ message, path = [] }) => ({
    message,
    // A plain array, whatever the validator's own is.
    path: Array.from(path, (step) => (typeof step === "object" ? step.key : step)),
  }));
}

function nameOf({ seqNum, type, version }: MessagePlace): string {
  const details = [
    ...(type === undefined ? [] : [`type ${show(type)}`]),
    ...(version === undefined || version === 1 ? [] : [`version ${version}`]),
  ];
  const place = seqNum === undefined ? "The message" : `The message at sequence number ${seqNum}`;
  return details.length === 0 ? place : `${place} (${details.join(", ")})`;
}

function textOfIssues(issues: readonly MessageIssue[]): string {
  const told = issues.slice(0, ISSUES_TOLD).map(({ message, path }) => {
    const place = textOfPath(path);
    return place === "" ? message : `${place}: ${message}`;
  });
  const rest = issues.length - told.length;
  return told.join("; ") + (rest > 0 ? `; and ${rest} more` : "");
}

/** A path as it would be written in a program: `items[3].price`. */
function textOfPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    const name = String(key);
    if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) return `${text}[${JSON.stringify(name)}]`;
    return text === "" ? name : `${text}.${name}`;
  }, "");
}

import { OPERATION_NAMES } from "@s2-dev/streamstore-core/operations";
import type { FaultRule } from "./rule.js";

/** A rule that makes no sense; the message names the field and what it may be. */
export class FaultRuleError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "FaultRuleError";
  }
}

type Fields = Readonly<Record<string, unknown>>;
/** Says what a value should be, or nothing when it is that. */
type Check = (value: unknown) => string | undefined;

/** The longest wait that a timer can hold, in milliseconds. */
const MAX_MS = 2 ** 31 - 1;
const MAX_CODE = 2 ** 32 - 1;
/** Headers that are the connection's own, which a message of HTTP/2 may not carry. */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  ...["connection", "content-length", "http2-settings", "keep-alive", "proxy-connection"],
  ...["te", "trailer", "transfer-encoding", "upgrade"],
]);
/** Of a wrong text, so much is told. */
const MAX_SHOWN = 100;
const MOMENTS = ["at", "afterMs", "after", "insteadOf"] as const;

const text: Check = (value) => (typeof value === "string" ? undefined : "a string");
const flag: Check = (value) => (typeof value === "boolean" ? undefined : "a boolean");
const count: Check = (value) =>
  isWithin(value, 1, Number.MAX_SAFE_INTEGER) ? undefined : "an integer of at least 1";
const millis: Check = (value) =>
  typeof value === "number" && value >= 0 && value <= MAX_MS
    ? undefined
    : `a number of milliseconds from 0 to ${MAX_MS}`;
const status: Check = (value) => (isWithin(value, 200, 599) ? undefined : "an HTTP status from 200 to 599");
const wireCode: Check = (value) =>
  isWithin(value, 0, MAX_CODE) ? undefined : `an integer from 0 to ${MAX_CODE}`;
const probability: Check = (value) =>
  typeof value === "number" && value >= 0 && value <= 1 ? undefined : "a number from 0 to 1";
const hex: Check = (value) =>
  typeof value === "string" && value !== "" && /^([0-9a-f]{2})+$/i.test(value)
    ? undefined
    : "bytes in hexadecimal";
const headers: Check = (value) =>
  isFields(value) && Object.entries(value).every(([name, item]) => isHeader(name, item))
    ? undefined
    : "an object of strings that can be headers of any connection";
const operation: Check = (value) => {
  const known = (name: unknown): boolean => OPERATION_NAMES.some((operationName) => operationName === name);
  const isKnown = Array.isArray(value) ? value.length > 0 && value.every(known) : known(value);
  return isKnown ? undefined : `an operation, or several (${OPERATION_NAMES.join(", ")})`;
};

const MATCH: Readonly<Record<string, Check>> = {
  operation,
  basin: text,
  stream: text,
  mode: oneOf("unary", "session"),
  nth: count,
  times: count,
  probability,
};

const MOMENT: Readonly<Record<(typeof MOMENTS)[number], Check>> = {
  at: oneOf("request", "headers"),
  afterMs: millis,
  after: count,
  insteadOf: count,
};

interface ActionRule {
  readonly required?: Readonly<Record<string, Check>>;
  readonly optional?: Readonly<Record<string, Check>>;
  /** Whether it happens at a moment, and whether that may be before the operation, which then is the default. */
  readonly moment?: "any" | "not at request";
}

const ACTIONS: Readonly<Record<FaultRule["do"]["kind"], ActionRule>> = {
  answer: { required: { status }, optional: { code: text, message: text, body: text, headers } },
  drain: { required: { ms: millis } },
  stall: { moment: "any" },
  cut: {
    required: { how: oneOf("reset", "destroy", "goaway", "end") },
    optional: { code: wireCode, part: flag },
    moment: "any",
  },
  fail: { required: { status, code: text }, optional: { message: text }, moment: "not at request" },
  inject: { required: { hex }, moment: "not at request" },
  goaway: { moment: "any" },
  "hold-headers": { optional: { ms: millis } },
  delay: { required: { ms: millis }, optional: { only: oneOf("heartbeats") } },
  "drop-heartbeats": {},
  split: { optional: { bytes: count } },
  throttle: { required: { bytesPerSecond: count } },
  "advise-reconnect": { required: { onMessage: count } },
};

/** Checks a rule from anywhere and completes its moment. @throws FaultRuleError */
export function checkRule(value: unknown): FaultRule {
  const rule = fields("a rule", value);
  refuseUnknown("a rule", rule, ["on", "do"]);
  if (rule.on !== undefined) {
    const on = fields("on", rule.on);
    refuseUnknown("on", on, Object.keys(MATCH));
    checkFields("on", on, {}, MATCH);
  }
  const action = checkAction(fields("do", rule.do));
  return { ...(rule.on === undefined ? {} : { on: rule.on }), do: action } as FaultRule;
}

function checkAction(action: Fields): Fields {
  const { kind } = action;
  if (typeof kind !== "string" || !Object.hasOwn(ACTIONS, kind)) {
    throw mustBe("do.kind", `one of ${Object.keys(ACTIONS).join(", ")}`, kind);
  }
  const { required = {}, optional = {}, moment } = ACTIONS[kind as FaultRule["do"]["kind"]];
  const moments = moment === undefined ? [] : MOMENTS;
  refuseUnknown("do", action, ["kind", ...Object.keys(required), ...Object.keys(optional), ...moments]);
  checkFields("do", action, required, optional);
  if (moment === undefined) return action;
  const given = MOMENTS.filter((name) => action[name] !== undefined);
  if (given.length > 1)
    throw new FaultRuleError(`do can have only one of ${MOMENTS.join(", ")}; got ${given.join(" and ")}`);
  checkFields("do", action, {}, MOMENT);
  if (given.length === 0 && moment === "any") return { ...action, at: "request" };
  if (given.length === 0)
    throw new FaultRuleError(`do of kind ${kind} must have one of ${MOMENTS.join(", ")}`);
  if (action.at === "request" && moment === "not at request")
    throw mustBe("do.at", `"headers" for kind ${kind}`, "request");
  return action;
}

function checkFields(
  path: string,
  value: Fields,
  required: Readonly<Record<string, Check>>,
  optional: Readonly<Record<string, Check>>,
): void {
  for (const [name, check] of Object.entries(required)) demand(`${path}.${name}`, check, value[name]);
  for (const [name, check] of Object.entries(optional)) {
    if (value[name] !== undefined) demand(`${path}.${name}`, check, value[name]);
  }
}

function demand(path: string, check: Check, value: unknown): void {
  const expected = check(value);
  if (expected !== undefined) throw mustBe(path, expected, value);
}

function mustBe(path: string, expected: string, value: unknown): FaultRuleError {
  return new FaultRuleError(`${path} must be ${expected}; got ${shown(value)}`);
}

/** A value as far as a message can tell it: rules come from anywhere, and may be deep or long. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "string" && value.length > MAX_SHOWN) return `a text of ${value.length} characters`;
  return JSON.stringify(value) ?? String(value);
}

function refuseUnknown(path: string, value: Fields, known: readonly string[]): void {
  for (const name of Object.keys(value)) {
    if (!known.includes(name))
      throw new FaultRuleError(`${path} has no field ${JSON.stringify(name)}; known are ${known.join(", ")}`);
  }
}

function fields(path: string, value: unknown): Fields {
  if (!isFields(value)) throw mustBe(path, "an object", value);
  return value;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether both versions of HTTP can send it beside the headers that they need themselves. */
function isHeader(name: string, value: unknown): boolean {
  return (
    /^[!#$%&'*+.^_`|~0-9a-z-]+$/i.test(name) &&
    !CONNECTION_HEADERS.has(name.toLowerCase()) &&
    typeof value === "string" &&
    /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
  );
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}

function oneOf(...options: readonly string[]): Check {
  return (value) =>
    options.some((option) => option === value)
      ? undefined
      : options.map((option) => JSON.stringify(option)).join(" or ");
}

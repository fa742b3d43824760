/** A fault as the server takes it: which requests, and what is done to them. */
export interface FaultRule {
  readonly on?: Readonly<Record<string, unknown>>;
  readonly do: Readonly<Record<string, unknown>> & { readonly kind: string };
}

/** A fault that can be switched on without writing it. */
export interface FaultPreset {
  readonly name: string;
  readonly rule: FaultRule;
}

/** The faults that a program should be tried with first. Reads and appends only, so that the page goes on working. */
export const FAULT_PRESETS: readonly FaultPreset[] = [
  {
    name: "Refuse every third append or so",
    rule: {
      on: { operation: "append", probability: 0.33 },
      do: { kind: "answer", status: 503, code: "unavailable" },
    },
  },
  {
    name: "Lose the next acknowledgement",
    rule: { on: { operation: "append", times: 1 }, do: { kind: "cut", how: "destroy", insteadOf: 1 } },
  },
  {
    name: "Throttle appends with 429",
    rule: { on: { operation: "append" }, do: { kind: "answer", status: 429, code: "rate_limited" } },
  },
  {
    name: "Half a second of latency",
    rule: { on: { operation: ["append", "read", "check_tail"] }, do: { kind: "delay", ms: 500 } },
  },
  {
    name: "Reset live tails after two seconds",
    rule: {
      on: { operation: "read", mode: "session" },
      do: { kind: "cut", how: "reset", code: 8, afterMs: 2000 },
    },
  },
  {
    name: "No heartbeats",
    rule: { on: { operation: "read", mode: "session" }, do: { kind: "drop-heartbeats" } },
  },
  {
    name: "Reads at 64 KiB a second",
    rule: { on: { operation: "read" }, do: { kind: "throttle", bytesPerSecond: 65_536 } },
  },
  {
    name: "Drain for ten seconds",
    rule: { on: { operation: ["append", "read"] }, do: { kind: "drain", ms: 10_000 } },
  },
];

/** The rule in a text. @throws Error that says what is wrong with it. */
export function ruleFromText(text: string): FaultRule {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`The rule is no JSON: ${(error as Error).message}`);
  }
  const { do: action } = (value ?? {}) as { readonly do?: { readonly kind?: unknown } };
  if (typeof action?.kind !== "string")
    throw new Error('The rule must say what is done: {"do": {"kind": "…"}}');
  return value as FaultRule;
}

/** A rule in a few words: which requests, and what is done to them. */
export function describeRule({ on = {}, do: action }: FaultRule): string {
  const { operation, ...rest } = on;
  const what =
    operation === undefined ? "any call" : Array.isArray(operation) ? operation.join(", ") : operation;
  const conditions = Object.entries(rest).map(([name, value]) => `${name} ${value}`);
  const { kind, ...details } = action;
  const settings = Object.entries(details).map(([name, value]) => `${name} ${value}`);
  return `${[what, ...conditions].join(", ")} → ${[kind, ...settings].join(", ")}`;
}

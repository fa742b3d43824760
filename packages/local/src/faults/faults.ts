import type { OperationName } from "@s2-dev/streamstore-core/operations";
import type { Exchange } from "../http/exchange.js";
import { isEventStream, isFrames, mediaType } from "../http/mime.js";
import type { ServiceClock } from "../service/clock.js";
import { checkRule } from "./check-rule.js";
import { withFaults } from "./faulty-exchange.js";
import type { FaultAction, FaultRule } from "./rule.js";

/** A rule that is in force. */
export interface FaultHandle {
  /** What names it over HTTP. */
  readonly id: string;
  /** What goes wrong, and when. */
  readonly rule: FaultRule;
  /** Requests that it has hit. */
  readonly hits: number;
  /** Ends the rule. Requests that it has hit stay as they are. */
  remove(): void;
}

/** The faults of a server. */
export interface Faults {
  /** Puts a rule in force, for requests from now on. @throws FaultRuleError */
  add(rule: FaultRule): FaultHandle;
  /** Ends all rules. */
  clear(): void;
  /** The rules in force, in the order in which they were added. */
  list(): readonly FaultHandle[];
}

/** A request whose operation is known. */
export interface FaultTarget {
  readonly operation: OperationName;
  readonly basin: string | undefined;
  readonly stream: string | undefined;
  readonly mode: "unary" | "session";
}

/** The faults, as the server that performs them sees them. */
export interface FaultLayer extends Faults {
  /** Whether there is any rule. */
  readonly isActive: boolean;
  /** The exchange with its faults; nothing when there is no operation left to be done. */
  apply(
    exchange: Exchange,
    operation: OperationName,
    segments: Readonly<Record<string, string>>,
  ): Exchange | undefined;
  /** Breaks off what a fault holds. */
  close(): void;
}

/** Creates the faults of a server. @throws FaultRuleError */
export function createFaults(
  clock: ServiceClock,
  random: () => number,
  initial: readonly FaultRule[] = [],
): FaultLayer {
  const rules = new Map<string, ActiveRule>();
  /** Exchanges that a fault may hold for ever. */
  const held = new Set<Exchange>();
  let isClosed = false;
  let lastId = 0;

  const layer: FaultLayer = {
    get isActive() {
      return rules.size > 0 && !isClosed;
    },
    add(value) {
      const rule = checkRule(value);
      lastId += 1;
      const id = String(lastId);
      const active = new ActiveRule(id, rule, clock, random, () => rules.delete(id));
      rules.set(id, active);
      return active;
    },
    clear: () => rules.clear(),
    list: () => [...rules.values()],
    apply(exchange, operation, segments) {
      if (exchange.method === "HEAD") return exchange;
      const target = targetOf(exchange, operation, segments);
      const actions: FaultAction[] = [];
      for (const rule of rules.values()) if (rule.hit(target)) actions.push(rule.rule.do);
      if (actions.length === 0) return exchange;
      held.add(exchange);
      exchange.onClose(() => held.delete(exchange));
      return withFaults(exchange, operation, actions, clock);
    },
    close() {
      isClosed = true;
      for (const exchange of held) exchange.wire.destroy();
    },
  };
  for (const rule of initial) layer.add(rule);
  return layer;
}

class ActiveRule implements FaultHandle {
  hits = 0;
  #seen = 0;
  #drainingUntil: number | undefined;

  constructor(
    readonly id: string,
    readonly rule: FaultRule,
    private readonly clock: ServiceClock,
    private readonly random: () => number,
    private readonly leave: () => void,
  ) {}

  remove(): void {
    this.leave();
  }

  /** Whether this request is hit, which then counts. */
  hit(target: FaultTarget): boolean {
    const { on = {}, do: action } = this.rule;
    if (!matches(on, target)) return false;
    this.#seen += 1;
    const { nth = 1, times = Number.POSITIVE_INFINITY, probability = 1 } = on;
    if (this.#seen < nth || this.hits >= times) return false;
    if (probability < 1 && this.random() >= probability) return false;
    if (action.kind === "drain") {
      this.#drainingUntil ??= this.clock.now() + action.ms;
      if (this.clock.now() >= this.#drainingUntil) return false;
    }
    this.hits += 1;
    return true;
  }
}

function matches(on: NonNullable<FaultRule["on"]>, target: FaultTarget): boolean {
  const { operation } = on;
  return (
    (operation === undefined ||
      operation === target.operation ||
      operation.includes(target.operation as never)) &&
    (on.basin === undefined || on.basin === target.basin) &&
    (on.stream === undefined || on.stream === target.stream) &&
    (on.mode === undefined || on.mode === target.mode)
  );
}

function targetOf(
  { headers }: Exchange,
  operation: OperationName,
  segments: Readonly<Record<string, string>>,
): FaultTarget {
  const isSession =
    isFrames(mediaType(headers["content-type"])) ||
    (operation === "read" && isEventStream(mediaType(headers.accept)));
  const basinHeader = headers["s2-basin"];
  return {
    operation,
    basin: decoded(segments.basin) ?? (typeof basinHeader === "string" ? basinHeader : undefined),
    stream: decoded(segments.stream),
    mode: isSession ? "session" : "unary",
  };
}

/** A name in a path; one that cannot be decoded is nobody's. */
function decoded(segment: string | undefined): string | undefined {
  if (segment === undefined) return undefined;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

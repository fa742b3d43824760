import type { FaultAction } from "./rule.js";

/** What happens at a moment of an answer. */
export type TimedAction = Extract<FaultAction, { kind: "stall" | "cut" | "fail" | "inject" | "goaway" }>;

/** All that is to be done to one answer. */
export interface FaultPlan {
  /** Milliseconds until the headers may go; infinite: never. */
  readonly headersMs: number;
  readonly delayMs: number;
  readonly heartbeatDelayMs: number;
  readonly dropHeartbeats: boolean;
  /** Bytes a piece; infinite: not split. */
  readonly pieceBytes: number;
  readonly bytesPerSecond: number;
  readonly advisedMessages: ReadonlySet<number>;
  readonly timed: readonly TimedAction[];
}

/** Adds up the actions that hit one request. */
export function planOf(actions: readonly FaultAction[]): FaultPlan {
  const plan = {
    headersMs: 0,
    delayMs: 0,
    heartbeatDelayMs: 0,
    dropHeartbeats: false,
    pieceBytes: Number.POSITIVE_INFINITY,
    bytesPerSecond: Number.POSITIVE_INFINITY,
    advisedMessages: new Set<number>(),
    timed: [] as TimedAction[],
  };
  for (const action of actions) {
    switch (action.kind) {
      case "answer":
      case "drain":
        break;
      case "hold-headers":
        plan.headersMs += action.ms ?? Number.POSITIVE_INFINITY;
        break;
      case "delay":
        if (action.only === undefined) plan.delayMs += action.ms;
        else plan.heartbeatDelayMs += action.ms;
        break;
      case "drop-heartbeats":
        plan.dropHeartbeats = true;
        break;
      case "split":
        plan.pieceBytes = Math.min(plan.pieceBytes, action.bytes ?? 1);
        break;
      case "throttle":
        plan.bytesPerSecond = Math.min(plan.bytesPerSecond, action.bytesPerSecond);
        break;
      case "advise-reconnect":
        plan.advisedMessages.add(action.onMessage);
        break;
      default:
        plan.timed.push(action);
    }
  }
  return plan;
}

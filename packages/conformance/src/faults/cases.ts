import type { FaultAction } from "@s2-dev/streamstore-local";

/** A fault that passes: the first requests are hit, then all is well. */
export interface FaultCase {
  readonly name: string;
  readonly fault: FaultAction;
  /** Whether an append can be applied and its acknowledgement lost: only then may one be there twice. */
  readonly losesAcks?: true;
  /** Whether an attempt ends only at its deadline. */
  readonly isSilent?: true;
}

const HTML = { "content-type": "text/html" };

export const faultCases: readonly FaultCase[] = [
  { name: "resets the stream before doing anything", fault: { kind: "cut", how: "reset", code: 2 } },
  { name: "refuses the stream", fault: { kind: "cut", how: "reset", code: 7 } },
  { name: "cancels the stream", fault: { kind: "cut", how: "reset", code: 8 } },
  {
    name: "resets the stream after the headers",
    fault: { kind: "cut", how: "reset", at: "headers" },
    losesAcks: true,
  },
  {
    name: "resets the stream after a message",
    fault: { kind: "cut", how: "reset", after: 1 },
    losesAcks: true,
  },
  {
    name: "cancels the stream after a message",
    fault: { kind: "cut", how: "reset", code: 8, after: 1 },
    losesAcks: true,
  },
  {
    name: "resets the stream without an error after a message",
    fault: { kind: "cut", how: "reset", code: 0, after: 1 },
    losesAcks: true,
  },
  {
    name: "loses a message and resets the stream",
    fault: { kind: "cut", how: "reset", insteadOf: 1 },
    losesAcks: true,
  },
  { name: "destroys the connection", fault: { kind: "cut", how: "destroy" } },
  {
    name: "destroys the connection after the headers",
    fault: { kind: "cut", how: "destroy", at: "headers" },
    losesAcks: true,
  },
  {
    name: "destroys the connection after two messages",
    fault: { kind: "cut", how: "destroy", after: 2 },
    losesAcks: true,
  },
  {
    name: "loses a message and destroys the connection",
    fault: { kind: "cut", how: "destroy", insteadOf: 1 },
    losesAcks: true,
  },
  {
    name: "destroys the connection in the middle of a message",
    fault: { kind: "cut", how: "destroy", insteadOf: 1, part: true },
    losesAcks: true,
  },
  {
    name: "destroys the connection after a while",
    fault: { kind: "cut", how: "destroy", afterMs: 5 },
    losesAcks: true,
  },
  { name: "says GOAWAY before doing anything", fault: { kind: "cut", how: "goaway" } },
  { name: "says GOAWAY after a message", fault: { kind: "cut", how: "goaway", after: 1 }, losesAcks: true },
  { name: "announces with GOAWAY that it will close", fault: { kind: "goaway", at: "request" } },
  { name: "announces with GOAWAY in between", fault: { kind: "goaway", after: 1 } },
  {
    name: "ends in the middle of a message",
    fault: { kind: "cut", how: "end", insteadOf: 1, part: true },
    losesAcks: true,
  },
  {
    name: "ends with a 503",
    fault: { kind: "fail", status: 503, code: "unavailable", after: 1 },
    losesAcks: true,
  },
  {
    name: "ends with a 500 instead of a message",
    fault: { kind: "fail", status: 500, code: "storage", insteadOf: 1 },
    losesAcks: true,
  },
  { name: "answers 503", fault: { kind: "answer", status: 503, code: "unavailable" } },
  { name: "answers 503 in HTML", fault: { kind: "answer", status: 503, body: "<html>", headers: HTML } },
  { name: "answers 500 with an empty body", fault: { kind: "answer", status: 500 } },
  {
    name: "limits the rate",
    fault: { kind: "answer", status: 429, code: "rate_limited", headers: { "retry-after-ms": "3" } },
  },
  { name: "drains for a while", fault: { kind: "drain", ms: 20 } },
  { name: "holds the headers", fault: { kind: "hold-headers", ms: 30 } },
  { name: "holds the headers for ever", fault: { kind: "hold-headers" }, losesAcks: true, isSilent: true },
  { name: "never answers", fault: { kind: "stall" }, isSilent: true },
  {
    name: "falls silent after the headers",
    fault: { kind: "stall", at: "headers" },
    losesAcks: true,
    isSilent: true,
  },
  { name: "splits the body into bytes", fault: { kind: "split" } },
  { name: "delays messages", fault: { kind: "delay", ms: 30 } },
  { name: "throttles the body", fault: { kind: "throttle", bytesPerSecond: 4000 } },
  { name: "advises to reconnect", fault: { kind: "advise-reconnect", onMessage: 1 } },
  { name: "sends no heartbeats", fault: { kind: "drop-heartbeats" } },
];

import { type Context, createTraceState, ROOT_CONTEXT, type SpanContext, trace } from "@opentelemetry/api";
import { AppendRecord } from "@s2-dev/streamstore-core";
import { decodeAppendInput, encodeAppendBatch, FRAME_HEAD_BYTES } from "@s2-dev/streamstore-core/wire";
import { describe, expect, it } from "vitest";
import { linksOf, spanContextOf, withTraceContext } from "./index.js";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const SPAN_ID = "b7ad6b7169203331";
const PARENT = `00-${TRACE_ID}-${SPAN_ID}-01`;
const span: SpanContext = { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 };
const within = (more: Partial<SpanContext> = {}): Context =>
  trace.setSpanContext(ROOT_CONTEXT, { ...span, ...more });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (...headerList: [string, string][]) => ({
  seq_num: 0,
  timestamp: 0,
  body: "",
  headers: Object.fromEntries(headerList),
  headerList,
});

describe("a record with the trace context", () => {
  it.each([
    ["no headers", { body: "a" }, [["traceparent", PARENT]]],
    ["headers of text", { headers: { k: "v" } }, { k: "v", traceparent: PARENT }],
    [
      "pairs of text",
      { headers: [["k", "v"]] as [string, string][] },
      [
        ["k", "v"],
        ["traceparent", PARENT],
      ],
    ],
    ["a body of bytes", { body: bytes("a"), headers: { k: "v" } }, { k: "v", traceparent: PARENT }],
  ])("keeps what it has: %s", (_, record, headers) => {
    expect(withTraceContext(record, within())).toEqual({ ...record, headers });
  });

  it("can be appended, also when its headers are bytes", () => {
    const record = withTraceContext(
      { body: bytes("a"), headers: [[bytes("k"), bytes("v")]] as [Uint8Array, Uint8Array][] },
      within(),
    );
    const { frame } = encodeAppendBatch([record]);
    const [decoded] = decodeAppendInput(frame.subarray(FRAME_HEAD_BYTES)).records;
    expect(decoded?.headers.map((pair) => pair.map((part) => new TextDecoder().decode(part)))).toEqual([
      ["k", "v"],
      ["traceparent", PARENT],
    ]);
  });

  it("carries the trace's state", () => {
    const traceState = createTraceState("vendor=1");
    expect(withTraceContext({ body: "a" }, within({ traceState }))).toEqual({
      body: "a",
      headers: [
        ["traceparent", PARENT],
        ["tracestate", "vendor=1"],
      ],
    });
  });

  it.each([
    ["no span is active", { body: "a" }, ROOT_CONTEXT],
    ["the span is not valid", { body: "a" }, within({ traceId: "0".repeat(32) })],
    ["the record has one", { headers: { traceparent: "00-other" } }, within()],
    ["the record is a command", AppendRecord.fence("mine"), within()],
    ["the record is a command in bytes", AppendRecord.trim(7), within()],
  ])("is the record itself when %s", (_, record, active) => {
    expect(withTraceContext(record, active)).toBe(record);
  });
});

describe("the trace context of a record", () => {
  it("is what was put in, whatever the format it is read in", () => {
    const expected = { ...span, isRemote: true };
    expect(spanContextOf(read(["traceparent", PARENT]))).toEqual(expected);
    const headerList: [Uint8Array, Uint8Array][] = [[bytes("traceparent"), bytes(PARENT)]];
    const record = { seq_num: 0, timestamp: 0, body: bytes(""), headers: headerList, headerList };
    expect(spanContextOf(record)).toEqual(expected);
    const state = spanContextOf(read(["traceparent", PARENT], ["tracestate", "vendor=1"]))?.traceState;
    expect(state?.get("vendor")).toBe("1");
  });

  it("may be of a later version", () => {
    expect(spanContextOf(read(["traceparent", `${PARENT.replace("00-", "01-")}-more`]))?.spanId).toBe(
      SPAN_ID,
    );
  });

  it.each([
    "",
    "00-other",
    `ff${PARENT.slice(2)}`,
    `${PARENT}-more`,
    PARENT.toUpperCase(),
    `00-${"0".repeat(32)}-${SPAN_ID}-01`,
  ])("is none in %j", (value) => {
    expect(spanContextOf(read(["traceparent", value]))).toBeUndefined();
  });
});

describe("links of records", () => {
  it("are one for each span that appended some", () => {
    const other = PARENT.replace(SPAN_ID, "b7ad6b7169203332");
    const records = [PARENT, PARENT, other].map((value) => read(["traceparent", value]));
    expect(linksOf([...records, read()]).map(({ context }) => context.spanId)).toEqual([
      SPAN_ID,
      "b7ad6b7169203332",
    ]);
  });

  it("are no more than a span keeps", () => {
    const records = Array.from({ length: 200 }, (_, index) =>
      read(["traceparent", PARENT.replace(SPAN_ID, (index + 1).toString(16).padStart(16, "0"))]),
    );
    expect(linksOf(records)).toHaveLength(128);
  });
});

import type { AppendTally } from "../fixture/append-frames.js";
import { ackMessage, FRAME_HEAD } from "../fixture/proto.js";
import { READ_START, timestampAt } from "../fixture/read-batches.js";
import { bodyOf, type Exchange } from "./exchange.js";
import type { Batches, Read } from "./read-session.js";
import type { StreamState } from "./streams.js";

const PROTOBUF = "application/protobuf";

export async function serveUnaryAppend(exchange: Exchange, { appended }: StreamState): Promise<void> {
  const body = await bodyOf(exchange);
  const start = appended.count;
  if (String(exchange.headers["content-type"]).includes("protobuf")) appended.take(body, 0, body.length);
  else takeJson(appended, body.toString(), exchange.headers["s2-format"] === "base64");
  answer(exchange, ackMessage(start, appended.count, timestampAt(appended.count)), () => ({
    start: positionOf(start),
    end: positionOf(appended.count),
    tail: positionOf(appended.count),
  }));
}

export function serveUnaryRead(
  exchange: Exchange,
  { shape, range }: Read,
  batches: Batches,
  state: StreamState,
): void {
  const index = (range.start - READ_START) / shape.batch;
  if (!Number.isInteger(index)) throw new Error("a unary read starts where a batch does");
  if (wantsProtobuf(exchange)) {
    const message = batches.frames(shape).at(READ_START, index).subarray(FRAME_HEAD);
    state.served += message.length;
    answer(exchange, message);
    return;
  }
  const json = batches.json(shape, exchange.headers["s2-format"] === "base64").at(READ_START, index);
  state.served += json.length;
  exchange.respond(200, { "content-type": "application/json" }).end(json);
}

function takeJson(tally: AppendTally, text: string, base64: boolean): void {
  const input = JSON.parse(text) as { records: { body?: string; headers?: [string, string][] }[] };
  const data = (value: string): Uint8Array => Buffer.from(value, base64 ? "base64" : "utf8");
  for (const { body = "", headers = [] } of input.records) {
    tally.add(
      data(body),
      headers.map(([name, value]) => [data(name), data(value)] as const),
    );
  }
}

function answer(exchange: Exchange, message: Uint8Array, json?: () => unknown): void {
  if (json === undefined || wantsProtobuf(exchange)) {
    exchange.respond(200, { "content-type": PROTOBUF }).end(message);
  } else exchange.respond(200, { "content-type": "application/json" }).end(JSON.stringify(json()));
}

function wantsProtobuf(exchange: Exchange): boolean {
  return String(exchange.headers.accept).includes("protobuf");
}

function positionOf(seqNum: number): { seq_num: number; timestamp: number } {
  return { seq_num: seqNum, timestamp: timestampAt(seqNum) };
}

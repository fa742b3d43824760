import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dataOfSse } from "./sse-data.js";

function streamOf(pieces: readonly string[]): ReadableStream<string> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
}

async function dataOf(pieces: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for await (const data of dataOfSse(streamOf(pieces))) found.push(data);
  return found;
}

describe("the data of server-sent events", () => {
  it("is found wherever the text is cut, without comments and the end mark", async () => {
    const text =
      ': keep-alive\n\ndata: {"a":1}\n\nid: 7\r\ndata:{"b":2}\r\n\r\n: x\n\ndata: one\ndata: two\n\ndata: [DONE]\n\n';
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(text.length), { maxLength: 20 }), async (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        const pieces = places.slice(1).map((to, index) => text.slice(places[index], to));
        expect(await dataOf(pieces)).toEqual(['{"a":1}', '{"b":2}', "one\ntwo"]);
      }),
    );
  });

  it("does not include an event that was not finished", async () => {
    expect(await dataOf(["data: a\n\ndata: b\n"])).toEqual(["a"]);
  });

  it("lets go of its stream when nobody reads on", async () => {
    const reasons: unknown[] = [];
    const stream = new ReadableStream<string>({
      start: (controller) => controller.enqueue("data: a\n\n"),
      cancel: (reason) => void reasons.push(reason),
    });
    for await (const _ of dataOfSse(stream)) break;
    expect([reasons.length, stream.locked]).toEqual([1, false]);
  });
});

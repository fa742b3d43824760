import { expect, it } from "vitest";
import { frame } from "../fixture/proto.js";
import { FrameScanner } from "./append-session.js";

it("cuts frames out of a byte stream wherever that is cut", () => {
  const messages = [1, 0, 300, 70_000, 5].map((length, index) => Buffer.alloc(length, index + 1));
  const bytes = Buffer.concat(messages.map(frame));
  for (const step of [1, 2, 3, 7, 1000, 65_536, bytes.length]) {
    const scanner = new FrameScanner();
    const got: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += step) {
      scanner.feed(bytes.subarray(at, at + step), (data, start, end) => {
        got.push(Buffer.from(data.subarray(start, end)));
      });
    }
    expect(got.map((message) => message.length)).toEqual(messages.map((message) => message.length));
    expect(Buffer.compare(Buffer.concat(got), Buffer.concat(messages))).toBe(0);
  }
});

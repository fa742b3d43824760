import { constants } from "node:http2";
import { expect, it } from "vitest";
import * as codes from "./http2-codes.js";

it("names the codes of HTTP/2 as Node does", () => {
  for (const [name, code] of Object.entries(codes)) {
    expect(code, name).toBe(constants[`NGHTTP2_${name}` as keyof typeof constants]);
  }
});

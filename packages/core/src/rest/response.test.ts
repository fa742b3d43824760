import { describe, expect, it } from "vitest";
import { SeqNumMismatchError } from "../error/append-errors.js";
import { RangeNotSatisfiableError, S2Error } from "../error/s2-error.js";
import type { WireResponse } from "../transport/index.js";
import type { OperationName } from "./operation-types.js";
import { decodeResponse } from "./response.js";

function answer(status: number, body: unknown, headers: Record<string, string> = {}): WireResponse {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: new TextEncoder().encode(text),
  };
}

function failure(decode: () => unknown): S2Error {
  try {
    decode();
  } catch (thrown) {
    if (thrown instanceof S2Error) return thrown;
    throw thrown;
  }
  throw new Error("nothing was thrown");
}

const created = {
  name: "my-basin",
  location: "aws:us-east-1",
  created_at: "2026-11-23T04:22:36Z",
  deleted_at: null,
};
const stream = { name: "s", created_at: "2026-11-23T04:22:36Z", deleted_at: null, cipher: null };

describe("a basin", () => {
  it("has its older fields derived from the newer ones", () => {
    expect(decodeResponse("create_basin", answer(201, created))).toEqual({
      ...created,
      scope: "aws:us-east-1",
      state: "active",
    });
    const deleted = { ...created, deleted_at: "2026-11-23T05:00:00Z" };
    expect(decodeResponse("create_basin", answer(201, deleted)).state).toBe("deleting");
  });

  it("of an older server has its newer fields derived from the older ones", () => {
    const older = {
      name: "my-basin",
      created_at: "2025-01-01T00:00:00Z",
      scope: "aws:us-east-1",
      state: "creating",
    };
    expect(decodeResponse("create_basin", answer(201, older))).toEqual({
      ...older,
      location: "aws:us-east-1",
      deleted_at: null,
    });
  });

  it("is null where it has no location, and keeps fields of tomorrow", () => {
    const info = decodeResponse("create_basin", answer(201, { ...created, location: null, colour: "red" }));
    expect(info).toMatchObject({ location: null, scope: null, colour: "red" });
  });

  it("has the same shape from create, ensure and list [D1-53]", () => {
    const one = decodeResponse("create_basin", answer(201, created));
    expect(decodeResponse("ensure_basin", answer(200, created)).basin).toEqual(one);
    expect(decodeResponse("list_basins", answer(200, { basins: [created], has_more: false })).basins).toEqual(
      [one],
    );
  });
});

describe("an access token in a listing", () => {
  it("always says whether it prefixes stream names", () => {
    const tokens = [
      { id: "a", scope: {}, expires_at: null },
      { id: "b", scope: {}, auto_prefix_streams: true, expires_at: null },
    ];
    const page = decodeResponse("list_access_tokens", answer(200, { access_tokens: tokens, has_more: true }));
    expect(page.access_tokens.map((token) => token.auto_prefix_streams)).toEqual([false, true]);
    expect(page.has_more).toBe(true);
  });
});

describe("the result of an ensure", () => {
  it.each([
    [201, "created", "created"],
    [200, "updated", "updated"],
    [200, "noop", "noop"],
    // The header wins: some day a server may answer 200 to everything.
    [200, "created", "created"],
    [201, undefined, "created"],
    [200, undefined, "updated"],
    [200, "something-new", "updated"],
  ])("of status %i and header %s is %s", (status, header, result) => {
    const headers: Record<string, string> = header === undefined ? {} : { "s2-provision-result": header };
    expect(decodeResponse("ensure_stream", answer(status, stream, headers))).toEqual({ result, stream });
    expect(decodeResponse("ensure_basin", answer(status, created, headers))).toMatchObject({
      result,
      basin: { name: "my-basin" },
    });
  });
});

describe("an operation without an answer", () => {
  it.each<[OperationName, number]>([
    ["delete_basin", 202],
    ["delete_stream", 202],
    ["revoke_access_token", 204],
  ])("%s has no result, whatever the body of its %i", (operation, status) => {
    expect(decodeResponse(operation, answer(status, ""))).toBeUndefined();
    expect(decodeResponse(operation, answer(status, "<html>"))).toBeUndefined();
  });
});

describe("a failure", () => {
  it("is judged by its status before its body is looked at", () => {
    const error = failure(() => decodeResponse("create_stream", answer(404, stream)));
    expect(error).toMatchObject({ status: 404, origin: "server" });
    expect(failure(() => decodeResponse("delete_stream", answer(500, ""))).status).toBe(500);
    expect(failure(() => decodeResponse("get_stream_config", answer(304, stream))).status).toBe(304);
  });

  it("says what the server said", () => {
    const body = { code: "basin_not_found", message: "basin `my-basin` not found" };
    expect(failure(() => decodeResponse("get_basin_config", answer(404, body)))).toMatchObject(body);
  });

  it.each(["", "Not Found", "<!doctype html><h1>502</h1>", '"a string"', "null", "[]", '{"code":', "\u0000"])(
    "with the body %j is an S2Error with its status",
    (body) => {
      const error = failure(() => decodeResponse("list_basins", answer(502, body)));
      expect(error).toMatchObject({ status: 502, origin: "server", retryable: true });
      expect(error.message).not.toMatch(/unknown error/i);
    },
  );

  it("keeps its class", () => {
    expect(failure(() => decodeResponse("append", answer(412, { seq_num_mismatch: 0 })))).toBeInstanceOf(
      SeqNumMismatchError,
    );
    const tail = { seq_num: 5, timestamp: 7 };
    const range = failure(() => decodeResponse("read", answer(416, { tail })));
    expect(range).toBeInstanceOf(RangeNotSatisfiableError);
    expect(range).toMatchObject({ tail });
  });
});

describe("a success that makes no sense", () => {
  it.each<[string, string]>([
    ["empty", ""],
    ["HTML", "<html></html>"],
    ["cut short", '{"name":"my'],
    ["null", "null"],
    ["text", '"created"'],
    ["a list", "[]"],
  ])("is a protocol error when it is %s", (_, body) => {
    const error = failure(() => decodeResponse("create_basin", answer(201, body)));
    expect(error).toMatchObject({ code: "PROTOCOL_ERROR", retryable: false, sideEffect: "possible" });
    expect(error.message).toContain("create_basin was answered with status 201");
    expect(failure(() => decodeResponse("append", answer(200, body))).code).toBe("PROTOCOL_ERROR");
  });

  it("is a protocol error when a status that promises no body meets an operation that needs one", () => {
    expect(failure(() => decodeResponse("get_stream_config", answer(204, ""))).code).toBe("PROTOCOL_ERROR");
  });

  it("has changed nothing if the operation could not", () => {
    expect(failure(() => decodeResponse("list_basins", answer(200, "<html>"))).sideEffect).toBe("none");
    expect(failure(() => decodeResponse("check_tail", answer(200, {}))).sideEffect).toBe("none");
  });

  it("is a protocol error when a listing has no list, or a list of something else", () => {
    for (const basins of [undefined, "x", [null], ["my-basin"]]) {
      const error = failure(() => decodeResponse("list_basins", answer(200, { basins, has_more: false })));
      expect(error.code).toBe("PROTOCOL_ERROR");
    }
    expect(failure(() => decodeResponse("list_locations", answer(200, { locations: [] }))).code).toBe(
      "PROTOCOL_ERROR",
    );
  });
});

describe("an integer beyond 2^53-1", () => {
  const big = "18446744073709551615";

  it("is refused by its exact value where a number is typed", () => {
    const config = `{"retention_policy":{"age":${big}}}`;
    const error = failure(() => decodeResponse("get_stream_config", answer(200, config)));
    expect(error).toMatchObject({ code: "UNSAFE_INTEGER", sideEffect: "none" });
    expect(error.message).toContain(`retention_policy.age is ${big}`);
    const tail = `{"tail":{"seq_num":9007199254740993,"timestamp":0}}`;
    expect(failure(() => decodeResponse("check_tail", answer(200, tail))).message).toContain(
      "9007199254740993",
    );
    const read = `{"records":[{"seq_num":1,"timestamp":2},{"seq_num":2,"timestamp":${big}}]}`;
    expect(failure(() => decodeResponse("read", answer(200, read))).message).toContain(
      "records[1].timestamp",
    );
  });

  it("stays exact in a field of tomorrow", () => {
    const body = `{"name":"s","created_at":"2026-11-23T04:22:36Z","id":${big}}`;
    expect(decodeResponse("create_stream", answer(201, body))).toMatchObject({ id: 18446744073709551615n });
  });

  it("is a double in metrics, whose values are doubles", () => {
    const body = `{"values":[{"scalar":{"name":"n","unit":"bytes","value":${big}}}]}`;
    expect(decodeResponse("account_metrics", answer(200, body))).toEqual({
      values: [{ scalar: { name: "n", unit: "bytes", value: 2 ** 64 } }],
    });
  });

  it("does not hide an acknowledgement: its timestamps saturate", () => {
    const position = (seqNum: string): string => `{"seq_num":${seqNum},"timestamp":${big}}`;
    const ack = (seqNum: string): string =>
      `{"start":${position("0")},"end":${position(seqNum)},"tail":${position(seqNum)}}`;
    expect(decodeResponse("append", answer(200, ack("1")))).toMatchObject({
      end: { seq_num: 1, timestamp: Number.MAX_SAFE_INTEGER },
    });
    expect(failure(() => decodeResponse("append", answer(200, ack(big)))).code).toBe("UNSAFE_INTEGER");
  });
});

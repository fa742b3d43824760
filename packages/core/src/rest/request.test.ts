import { describe, expect, it } from "vitest";
import { resolveEndpoints } from "../model/endpoints.js";
import type { WireRequest } from "../transport/index.js";
import { withProtobuf } from "./record-requests.js";
import { buildRequest } from "./request.js";

const hosted = resolveEndpoints();
const local = resolveEndpoints({ endpoints: { account: "http://a.test/s2", basin: "http://b.test/s2" } });
const counting = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, index) => index);

const account = { endpoints: local };
const basin = { endpoints: local, basin: "my-basin" };
const create = { randomBytes: counting };

function json(request: WireRequest): unknown {
  return request.body === undefined ? undefined : JSON.parse(new TextDecoder().decode(request.body));
}

describe("a request", () => {
  it("goes to the endpoint of its scope", () => {
    expect(buildRequest("list_basins", {}, { endpoints: hosted }).url).toBe("https://a.s2.dev/v1/basins");
    expect(buildRequest("list_streams", {}, { endpoints: hosted, basin: "my-basin" }).url).toBe(
      "https://my-basin.b.s2.dev/v1/streams",
    );
    expect(buildRequest("list_streams", {}, basin).url).toBe("http://b.test/s2/streams");
  });

  it("names the basin in a header if a basin endpoint was configured, and only in the scope of a basin", () => {
    expect(buildRequest("read", { stream: "s" }, basin).headers).toEqual({ "s2-basin": "my-basin" });
    expect(buildRequest("append", { stream: "s" }, basin).headers).toEqual({ "s2-basin": "my-basin" });
    expect(buildRequest("read", { stream: "s" }, { endpoints: hosted, basin: "my-basin" }).headers).toEqual(
      {},
    );
    expect(buildRequest("get_basin_config", { basin: "my-basin" }, account).headers).toEqual({});
  });

  it("carries no authorization, which each attempt adds", () => {
    const target = { ...account, ...create, headers: { "user-agent": "test" } };
    expect(Object.keys(buildRequest("create_basin", { basin: "my-basin" }, target).headers).sort()).toEqual([
      "content-type",
      "s2-request-token",
      "user-agent",
    ]);
  });

  it("percent-encodes names in its path", () => {
    const url = (stream: string): string => buildRequest("get_stream_config", { stream }, basin).url;
    expect(url("a/b?c#d%e f")).toBe("http://b.test/s2/streams/a%2Fb%3Fc%23d%25e%20f");
    expect(url("\u{1f600}+")).toBe("http://b.test/s2/streams/%F0%9F%98%80%2B");
    expect(url("...")).toBe("http://b.test/s2/streams/...");
    const metrics = { basin: "my-basin", stream: "a/b", set: "storage" } as const;
    expect(buildRequest("stream_metrics", metrics, account).url).toBe(
      "http://a.test/s2/metrics/my-basin/a%2Fb?set=storage",
    );
  });

  it("percent-encodes its query, keeps zero and false, and leaves undefined out", () => {
    expect(buildRequest("list_streams", { prefix: "a&b=c d", start_after: "", limit: 0 }, basin).url).toBe(
      "http://b.test/s2/streams?prefix=a%26b%3Dc%20d&start_after=&limit=0",
    );
    const read = { stream: "s", seq_num: 0, clamp: false, count: undefined, wait: 0 };
    expect(buildRequest("read", read, basin).url).toBe(
      "http://b.test/s2/streams/s/records?seq_num=0&clamp=false&wait=0",
    );
    expect(buildRequest("list_basins", { limit: undefined }, account).url).toBe("http://a.test/s2/basins");
  });

  it("puts each field in one place: what is in the path is not in the body [D1-52]", () => {
    const reconfigure = buildRequest("reconfigure_stream", { stream: "s", storage_class: "express" }, basin);
    expect(json(reconfigure)).toEqual({ storage_class: "express" });
    const basins = buildRequest(
      "reconfigure_basin",
      { basin: "my-basin", create_stream_on_read: true },
      account,
    );
    expect(json(basins)).toEqual({ create_stream_on_read: true });
  });

  it("puts each field in one place: what is in the path is not in the query", () => {
    const args = { basin: "my-basin", set: "storage", start: 0, end: 60, interval: "minute" } as const;
    const request = buildRequest("basin_metrics", args, account);
    expect(request.url).toBe("http://a.test/s2/metrics/my-basin?set=storage&start=0&end=60&interval=minute");
    expect(request.body).toBeUndefined();
  });

  it("keeps null in a body, where it resets, and leaves undefined out at any depth", () => {
    const args = {
      stream: "s",
      storage_class: null,
      retention_policy: undefined,
      timestamping: { mode: null, uncapped: undefined },
    };
    expect(json(buildRequest("reconfigure_stream", args, basin))).toEqual({
      storage_class: null,
      timestamping: { mode: null },
    });
  });

  it("spells min_age_secs the same in a create, an ensure and a change", () => {
    const config = { delete_on_empty: { min_age_secs: 60 } };
    expect(json(buildRequest("create_stream", { stream: "s", config }, { ...basin, ...create }))).toEqual({
      stream: "s",
      config,
    });
    expect(json(buildRequest("ensure_stream", { stream: "s", config }, basin))).toEqual(config);
    expect(json(buildRequest("reconfigure_stream", { stream: "s", ...config }, basin))).toEqual(config);
  });

  it("has the configuration bare in the body when a stream is ensured, wrapped when a basin is", () => {
    const config = { create_stream_on_append: true };
    expect(json(buildRequest("ensure_basin", { basin: "my-basin", config }, account))).toEqual({ config });
    const stream = buildRequest(
      "ensure_stream",
      { stream: "s", config: { storage_class: "standard" } },
      basin,
    );
    expect(json(stream)).toEqual({ storage_class: "standard" });
    expect(json(buildRequest("set_default_location", { location: "aws:us-east-1" }, account))).toBe(
      "aws:us-east-1",
    );
  });

  it("has a content type exactly if it has a body", () => {
    const empty = buildRequest("ensure_basin", { basin: "my-basin" }, account);
    expect(empty.body).toBeUndefined();
    expect(empty.headers).toEqual({});
    expect("body" in buildRequest("ensure_stream", { stream: "s" }, basin)).toBe(false);
    const change = buildRequest("reconfigure_basin", { basin: "my-basin" }, account);
    expect(json(change)).toEqual({});
    expect(change.headers).toEqual({ "content-type": "application/json" });
  });

  it("sends scope under its newer name location", () => {
    const args = { basin: "my-basin", scope: "aws:us-east-1" } as const;
    const location = { basin: "my-basin", location: "aws:us-east-1" };
    expect(json(buildRequest("create_basin", args, { ...account, ...create }))).toEqual(location);
    expect(json(buildRequest("create_basin", { ...args, ...location }, { ...account, ...create }))).toEqual(
      location,
    );
    expect(json(buildRequest("ensure_basin", args, account))).toEqual({ location: "aws:us-east-1" });
    expect(() => buildRequest("ensure_basin", { ...args, location: "aws:us-west-2" }, account)).toThrow(
      'scope must equal location, of which it is another name; got "aws:us-east-1" and "aws:us-west-2"',
    );
  });

  it("lets fields through that are none of its own without sending them", () => {
    const args = { basin: "my-basin", colour: "red" };
    expect(json(buildRequest("create_basin", args, { ...account, ...create }))).toEqual({
      basin: "my-basin",
    });
  });
});

describe("the request token of a create", () => {
  it("is made of 16 random bytes, within the service's limit of 36", () => {
    const { headers } = buildRequest("create_stream", { stream: "s" }, { ...basin, ...create });
    expect(headers["s2-request-token"]).toBe("000102030405060708090a0b0c0d0e0f");
  });

  it("may be the caller's own", () => {
    const target = { ...basin, ...create, headers: { "s2-request-token": "tok-1" } };
    expect(buildRequest("create_stream", { stream: "s" }, target).headers["s2-request-token"]).toBe("tok-1");
    const long = { ...target, headers: { "s2-request-token": "x".repeat(37) } };
    expect(() => buildRequest("create_stream", { stream: "s" }, long)).toThrow(
      "s2-request-token must be at most 36",
    );
  });

  it("is not sent with anything else", () => {
    expect(buildRequest("ensure_stream", { stream: "s" }, basin).headers).not.toHaveProperty(
      "s2-request-token",
    );
  });
});

describe("a request is refused before it is sent", () => {
  const refusals: [string, () => unknown, string][] = [
    [
      "a basin that cannot be one",
      () => buildRequest("create_basin", { basin: "ab" }, { ...account, ...create }),
      'basin must be 8 to 48 bytes of a-z, 0-9 and hyphens that begin and end with a letter or digit; got "ab"',
    ],
    [
      "a basin target that cannot be one",
      () => buildRequest("list_streams", {}, { endpoints: hosted, basin: "AB" }),
      "basin must be 8 to 48 bytes",
    ],
    [
      "a stream that would change the path",
      () => buildRequest("delete_stream", { stream: ".." }, basin),
      'stream must not be "." or ".."',
    ],
    [
      "an access token without an id",
      () => buildRequest("revoke_access_token", { id: "" }, account),
      'id must be 1 to 96 bytes of UTF-8; got ""',
    ],
    [
      "a location with a space",
      () => buildRequest("set_default_location", { location: "a b" }, account),
      "location must be 1 to 64 ASCII",
    ],
    [
      "a negative limit",
      () => buildRequest("list_basins", { limit: -1 }, account),
      "limit must be a whole number",
    ],
    [
      "a basin prefix in capitals",
      () => buildRequest("list_basins", { prefix: "A" }, account),
      "prefix must be 0 to 48 bytes",
    ],
    [
      "a start_after that is too long",
      () => buildRequest("list_access_tokens", { start_after: "x".repeat(97) }, account),
      "start_after must be 0 to 96 bytes",
    ],
    [
      "a start before 1970",
      () => buildRequest("account_metrics", { set: "account-ops", start: -1 }, account),
      "start must be an integer from 0 to 4294967295; got -1",
    ],
    [
      "an end in milliseconds",
      () => buildRequest("account_metrics", { set: "account-ops", end: 1.8e12 }, account),
      "end must be an integer from 0 to 4294967295; got 1800000000000",
    ],
    [
      "an age of 0",
      () => buildRequest("reconfigure_stream", { stream: "s", retention_policy: { age: 0 } }, basin),
      "retention_policy.age must be an integer from 1",
    ],
    [
      "an age that is not a number",
      () =>
        buildRequest(
          "ensure_stream",
          { stream: "s", config: { retention_policy: { age: Number.NaN } } },
          basin,
        ),
      "config.retention_policy.age must be an integer from 1",
    ],
    [
      "metrics without a set",
      () => buildRequest("account_metrics", {} as never, account),
      "set must be a non-empty text; got undefined",
    ],
    [
      "an access token without a scope",
      () => buildRequest("issue_access_token", { id: "t" } as never, account),
      "scope must be an object; got undefined",
    ],
    [
      "a name where the arguments belong",
      () => buildRequest("get_basin_config", "my-basin" as never, account),
      "the argument of get_basin_config must be an object",
    ],
    [
      "a bigint where the service has none",
      () => buildRequest("issue_access_token", { id: "t", scope: { ops: [1n] } as never }, account),
      "the body of issue_access_token must be plain JSON",
    ],
  ];
  it.each(refusals)("for %s", (_, build, message) => {
    expect(build).toThrow(message);
    expect(build).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", sideEffect: "none" }));
  });

  it("for a body beyond the service's limit, naming both sizes", () => {
    const ops = Array.from({ length: 300_000 }, () => "append") as "append"[];
    expect(() => buildRequest("issue_access_token", { id: "t", scope: { ops } }, account)).toThrow(
      /^the body of issue_access_token must be at most 2097152 bytes; got 2700\d\d\d$/,
    );
  });
});

describe("a protobuf request", () => {
  const append = buildRequest("append", { stream: "s" }, basin);

  it("has a content type if it has a message, and asks for protobuf", () => {
    const message = Uint8Array.of(1, 2, 3);
    expect(withProtobuf(append, message)).toEqual({
      ...append,
      headers: {
        "s2-basin": "my-basin",
        accept: "application/protobuf",
        "content-type": "application/protobuf",
      },
      body: message,
    });
    const read = buildRequest("read", { stream: "s" }, basin);
    expect(withProtobuf(read).headers).toEqual({ "s2-basin": "my-basin", accept: "application/protobuf" });
  });

  it("is refused beyond the service's limit", () => {
    expect(withProtobuf(append, new Uint8Array(2_097_152)).body).toHaveLength(2_097_152);
    expect(() => withProtobuf(append, new Uint8Array(2_097_153))).toThrow(
      "the encoded batch must be at most 2097152 bytes; got 2097153",
    );
  });
});

describe("an argument under a name that is not its own", () => {
  const misspelt: [name: string, build: () => unknown, meant: RegExp][] = [
    ["startAfter", () => buildRequest("list_streams", { startAfter: "a" } as never, basin), /start_after/],
    [
      "createStreamOnRead",
      () =>
        buildRequest("reconfigure_basin", { basin: "my-basin", createStreamOnRead: true } as never, account),
      /create_stream_on_read/,
    ],
    [
      "retentionPolicy",
      () =>
        buildRequest("create_stream", { stream: "s", config: { retentionPolicy: { age: 1 } } } as never, {
          ...basin,
          ...create,
        }),
      /retention_policy/,
    ],
    [
      "minAgeSecs",
      () =>
        buildRequest(
          "ensure_basin",
          {
            basin: "my-basin",
            config: { default_stream_config: { delete_on_empty: { minAgeSecs: 1 } } },
          } as never,
          account,
        ),
      /min_age_secs/,
    ],
    [
      "expiresAt",
      () => buildRequest("issue_access_token", { id: "a", scope: {}, expiresAt: "" } as never, account),
      /expires_at/,
    ],
  ];

  it.each(misspelt)("is refused: %s", (name, build, meant) => {
    expect(build).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    expect(build).toThrow(new RegExp(`${name} is not an option of .*: it is called ${meant.source}`));
  });

  it("passes when it means nothing here", () => {
    const own = { stream: "s", config: { of_tomorrow: 1 }, note: "mine", signal: undefined } as never;
    expect(json(buildRequest("ensure_stream", own, basin))).toEqual({ of_tomorrow: 1 });
  });
});

import { expect, test } from "vitest";
import { describeScope, issueArgsFrom, NEW_TOKEN } from "./token-form.js";

test("asks for what was filled in, and for nothing else", () => {
  const args = issueArgsFrom({
    ...NEW_TOKEN,
    id: " reader ",
    basins: { kind: "exact", name: "my-basin" },
    streams: { kind: "prefix", name: "logs/" },
    groups: new Set(["stream.read"]),
    operations: "list-streams, fence",
    autoPrefix: true,
    expires: "2030-01-02T03:04:00Z",
  });
  expect(args).toEqual({
    id: "reader",
    scope: {
      basins: { exact: "my-basin" },
      streams: { prefix: "logs/" },
      op_groups: { stream: { read: true } },
      ops: ["list-streams", "fence"],
    },
    auto_prefix_streams: true,
    expires_at: "2030-01-02T03:04:00.000Z",
  });
});

test("refuses a token without an id, without rights or with a time that is none", () => {
  expect(() => issueArgsFrom(NEW_TOKEN)).toThrow("needs an id");
  expect(() => issueArgsFrom({ ...NEW_TOKEN, id: "x", groups: new Set() })).toThrow("at least one right");
  expect(() => issueArgsFrom({ ...NEW_TOKEN, id: "x", expires: "soon" })).toThrow("must be a time");
});

test("says in a few words what a token may do", () => {
  const { id, scope } = issueArgsFrom({
    ...NEW_TOKEN,
    id: "x",
    streams: { kind: "prefix", name: "a/" },
    accessTokens: { kind: "exact", name: "y" },
    groups: new Set(["basin.read", "basin.write"]),
    operations: "append",
  });
  expect(describeScope({ id, scope, auto_prefix_streams: true })).toBe(
    "all basins · streams a/… · tokens y · basin read+write · append · prefixes stream names",
  );
});

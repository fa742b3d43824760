import type { Operation } from "@s2-dev/streamstore-core";
import {
  OPERATION_NAMES,
  type OperationName,
  operationDocs,
  operations,
} from "@s2-dev/streamstore-core/operations";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ALL_OPERATIONS } from "../../src/service/access/operation-groups.js";
import { createWorld, EVERYTHING, ROOT, requestOf, verdict, type World } from "./world.js";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.local.close());

describe.each(OPERATION_NAMES.map((name) => [name] as const))("%s", (operation) => {
  const { success } = operations[operation];
  const { permissions } = operationDocs[operation];

  test("is refused without a token, and with one that is none", async () => {
    expect(verdict(await world.send(undefined, requestOf(operation)))).toBe("401 authn");
    expect(verdict(await world.send("nonsense", requestOf(operation)))).toBe("401 authn");
    expect(verdict(await world.send("s2local.eA.eA", requestOf(operation)))).toBe("401 authn");
  });

  test.each(permissions)("is refused to a token that may do everything but %s", async (missing) => {
    const ops = ALL_OPERATIONS.filter((name) => name !== missing);
    const token = await world.issue({ ...EVERYTHING, ops });
    expect(verdict(await world.send(token, requestOf(operation)))).toBe("403 permission_denied");
  });

  test("is done for a token that may do only this", async () => {
    await world.send(ROOT, {
      method: "POST",
      path: "/access-tokens",
      body: { id: "revocable", scope: { ops: ["read"] } },
    });
    const token = await world.issue({ ...EVERYTHING, ops: [...permissions] });
    expect(success).toContain((await world.send(token, requestOf(operation))).status);
  });

  test("is allowed by the groups that it is in, and by no others", async () => {
    const groups = ["account", "basin", "stream"] as const;
    const kinds = ["read", "write"] as const;
    const holding = groups.flatMap((group) =>
      kinds.filter((kind) => isInGroup(group, kind, permissions)).map((kind) => [group, kind] as const),
    );
    const without = (group: string, kind: string) =>
      Object.fromEntries(
        groups.map((name) => [
          name,
          { read: name !== group || kind !== "read", write: name !== group || kind !== "write" },
        ]),
      );
    expect(holding.length).toBeGreaterThan(0);
    const op_groups: Record<string, Record<string, boolean>> = { account: {}, basin: {}, stream: {} };
    for (const [group, kind] of holding) op_groups[group] = { ...op_groups[group], [kind]: true };
    const allowed = await world.issue({ ...EVERYTHING, ops: [], op_groups });
    expect([401, 403]).not.toContain((await world.send(allowed, requestOf(operation))).status);
    for (const [group, kind] of holding) {
      const token = await world.issue({
        ...EVERYTHING,
        ops: [],
        op_groups: without(group, kind),
      });
      expect(verdict(await world.send(token, requestOf(operation)))).toBe("403 permission_denied");
    }
  });
});

function isInGroup(group: string, kind: string, permissions: readonly Operation[]): boolean {
  return permissions.some((name) => GROUPS[`${group}.${kind}`]?.includes(name));
}

/** The operations of each group, as the README has them. */
const GROUPS: Readonly<Record<string, readonly Operation[]>> = {
  "account.read": [
    "list-basins",
    "list-access-tokens",
    "account-metrics",
    "list-locations",
    "get-default-location",
  ],
  "account.write": [
    "create-basin",
    "delete-basin",
    "issue-access-token",
    "revoke-access-token",
    "set-default-location",
  ],
  "basin.read": ["get-basin-config", "list-streams", "basin-metrics"],
  "basin.write": ["reconfigure-basin", "create-stream", "delete-stream"],
  "stream.read": ["get-stream-config", "check-tail", "read", "stream-metrics"],
  "stream.write": ["reconfigure-stream", "append", "trim", "fence"],
};

/** Operations that are about a resource, and the set of a scope that must hold it. */
const SETS: Partial<Record<OperationName, readonly ("basins" | "streams" | "access_tokens")[]>> = {};
for (const name of OPERATION_NAMES) {
  const { fields, scope } = operations[name] as { fields: Record<string, { in: string }>; scope: string };
  const sets: ("basins" | "streams" | "access_tokens")[] = [];
  if (scope === "basin" || "basin" in fields) sets.push("basins");
  if ("stream" in fields) sets.push("streams");
  if ("id" in fields) sets.push("access_tokens");
  if (sets.length > 0) SETS[name] = sets;
}

describe.each(Object.entries(SETS) as [OperationName, readonly ("basins" | "streams" | "access_tokens")[]][])(
  "%s, which is about names of %j,",
  (operation, sets) => {
    test.each(
      sets.flatMap((set) =>
        [undefined, null, { exact: "" }, { prefix: "zz" }].map((names) => [set, names] as const),
      ),
    )("is refused when the scope has %s: %j", async (set, names) => {
      const token = await world.issue({ ...EVERYTHING, [set]: names });
      expect(verdict(await world.send(token, requestOf(operation)))).toBe("403 permission_denied");
    });
  },
);

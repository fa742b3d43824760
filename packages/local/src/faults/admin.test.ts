import { afterEach, beforeEach, expect, test } from "vitest";
import { type LocalServer, startLocal } from "../index.js";

let local: LocalServer;
beforeEach(async () => {
  local = await startLocal({ admin: true });
});
afterEach(() => local.close());

const admin = (method: string, path = "", body?: unknown): Promise<Response> =>
  fetch(`${local.origin}/admin/faults${path}`, {
    method,
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });

const RULE = { on: { operation: "list_basins", times: 1 }, do: { kind: "answer", status: 503 } };

test("rules are added, looked at and removed over HTTP", async () => {
  const added = await admin("POST", "", RULE);
  expect(added.status).toBe(201);
  expect(await added.json()).toEqual({ id: "1", rule: RULE, hits: 0 });
  expect((await fetch(`${local.origin}/v1/basins`)).status).toBe(503);
  expect((await fetch(`${local.origin}/v1/basins`)).status).toBe(200);
  expect(await (await admin("GET")).json()).toEqual({ faults: [{ id: "1", rule: RULE, hits: 1 }] });
  expect(await (await admin("GET", "/1")).json()).toEqual({ id: "1", rule: RULE, hits: 1 });
  expect((await admin("DELETE", "/1")).status).toBe(204);
  expect((await admin("DELETE", "/1")).status).toBe(404);
  expect(local.faults.list()).toEqual([]);
});

test("all rules are removed at once", async () => {
  local.faults.add({ do: { kind: "answer", status: 503 } });
  local.faults.add({ do: { kind: "stall" } });
  expect((await admin("DELETE")).status).toBe(204);
  expect(local.faults.list()).toEqual([]);
});

test("what is no rule is refused with a reason", async () => {
  const malformed = await admin("POST", "", "{");
  expect([malformed.status, (await malformed.json()).code]).toEqual([400, "bad_json"]);
  const wrong = await admin("POST", "", { do: { kind: "answer", status: "503" } });
  expect(wrong.status).toBe(422);
  expect(await wrong.json()).toEqual({
    code: "invalid",
    message: 'do.status must be an HTTP status from 200 to 599; got "503"',
  });
});

test("other methods are refused", async () => {
  const put = await admin("PUT", "", RULE);
  expect([put.status, put.headers.get("allow")]).toEqual([405, "GET,POST,DELETE"]);
  local.faults.add({ do: { kind: "stall" } });
  expect((await admin("PUT", "/1", RULE)).status).toBe(405);
});

test("there is no such route unless asked for", async () => {
  await using plain = await startLocal();
  expect((await fetch(`${plain.origin}/admin/faults`)).status).toBe(404);
});

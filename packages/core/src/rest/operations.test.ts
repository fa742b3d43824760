import { describe, expect, it } from "vitest";
import type { Operation } from "../model/tokens.js";
import { FIELD_KINDS } from "./fields.js";
import { operationDocs } from "./operation-docs.js";
import { OPERATION_NAMES, operationRow } from "./operations.js";

const rows = OPERATION_NAMES.map((name) => ({ name, row: operationRow(name) }));

describe("the operations table", () => {
  it("has a row for each operation of the service", () => {
    expect(OPERATION_NAMES).toHaveLength(24);
    expect(new Set(rows.map(({ row }) => `${row.method} ${row.path}`)).size).toBe(24);
  });

  it("names every operation that an access token can allow, but for the commands in records", () => {
    const commands: Operation[] = ["fence", "trim"];
    const named = new Set(rows.flatMap(({ name }) => operationDocs[name].permissions));
    expect(named.size).toBe(22);
    for (const command of commands) expect(named).not.toContain(command);
  });
});

describe.each(rows)("the row of $name", ({ name, row }) => {
  const fields = Object.entries(row.fields);

  it("takes from the path exactly the fields that go there", () => {
    const inTemplate = Array.from(row.path.matchAll(/\{(\w+)\}/g), ([, field]) => field).sort();
    expect(
      fields
        .filter(([, field]) => field.in === "path")
        .map(([field]) => field)
        .sort(),
    ).toEqual(inTemplate);
  });

  it("has body fields only if it has a body, and a query only without one", () => {
    const places = new Set(fields.map(([, field]) => field.in));
    expect(places.has("body")).toBe(row.body.kind === "json" || row.body.kind === "bare");
    if (places.has("query")) expect(row.method).toBe("GET");
    if (row.method === "GET" || row.method === "DELETE") expect(row.body.kind).toBe("none");
    if (row.body.kind === "bare") expect(row.fields[row.body.field]?.in).toBe("body");
  });

  it("puts only text, integers and booleans into path and query", () => {
    for (const [, field] of fields) {
      const { form } = FIELD_KINDS[field.kind];
      if (field.in === "path") expect(form).toBe("text");
      if (field.in === "query") expect(["text", "integer", "boolean"]).toContain(form);
    }
  });

  it("belongs to the basin endpoint if it concerns streams or records, else to the account endpoint", () => {
    const { tag } = operationDocs[name];
    expect(row.scope).toBe(tag === "streams" || tag === "records" ? "basin" : "account");
  });

  it("says what a second copy does", () => {
    if (row.method === "GET") expect(row.effects).toBe("safe");
    if (["PUT", "PATCH", "DELETE"].includes(row.method)) expect(row.effects).toBe("idempotent");
    if (row.method === "POST") expect(row.effects).toBe(name === "append" ? "appends" : "creates");
    expect(row.goneMeansDone).toBe(row.method === "DELETE");
    expect(row.requestToken).toBe(row.headers.includes("s2-request-token"));
    if (row.requestToken) expect(row.effects).toBe("creates");
  });
});

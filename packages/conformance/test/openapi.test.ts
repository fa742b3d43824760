import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { OPERATION_NAMES, operationRow } from "@s2-dev/streamstore-core/operations";
import { startLocal } from "@s2-dev/streamstore-local";
import { describe, expect, test } from "vitest";
import { errorStatuses, openApiDocument } from "../src/openapi/document.js";

const FILE = fileURLToPath(new URL("../../local/src/openapi/document.json", import.meta.url));

describe("the OpenAPI document", () => {
  test("is checked in as it comes out of the operations table and the schemas", () => {
    const text = `${JSON.stringify(openApiDocument(), null, 2)}\n`;
    if (process.env.S2_UPDATE_OPENAPI === "1") writeFileSync(FILE, text);
    expect(JSON.parse(readFileSync(FILE, "utf8"))).toEqual(JSON.parse(text));
  });

  test("is what the server serves, to anybody", async () => {
    await using local = await startLocal({ auth: { rootToken: "root" } });
    const answer = await fetch(`${local.origin}/openapi.json`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(await answer.json()).toEqual(JSON.parse(readFileSync(FILE, "utf8")));
  });

  test("has every operation, with the statuses of its success and of its refusal", () => {
    const { paths } = openApiDocument() as { paths: Record<string, Record<string, { responses: object }>> };
    for (const name of OPERATION_NAMES) {
      const { path, method, success } = operationRow(name);
      const statuses = Object.keys(paths[path]?.[method.toLowerCase()]?.responses ?? {}).map(Number);
      expect(statuses).toEqual([...success, ...errorStatuses(name)].sort((left, right) => left - right));
    }
  });

  test("speaks of no integer that JSON has not", () => {
    expect(JSON.stringify(openApiDocument())).not.toContain('"bigint"');
    const { paths } = openApiDocument() as {
      paths: Record<
        string,
        { get: { responses: Record<string, { content: Record<string, { schema: object }> }> } }
      >;
    };
    const tail = paths["/streams/{stream}/records/tail"]?.get.responses[200]?.content["application/json"];
    expect(JSON.stringify(tail?.schema)).toContain('"format":"uint64"');
  });
});

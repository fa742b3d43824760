import { OPERATION_NAMES, type OperationName, operationRow } from "@s2-dev/streamstore-core/operations";
import { responseSchemas } from "@s2-dev/streamstore-core/schemas";
import { parseJson } from "@s2-dev/streamstore-core/wire";

/** What of an exchange is needed to know whether its answer has the shape it should have. */
export interface Answer {
  readonly method: string;
  /** With or without a query. */
  readonly path: string;
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
}

/** Fails when the answer to a known operation is a success in JSON, and not of the shape the service documents. */
export function checkAnswer(answer: Answer): void {
  if (answer.status < 200 || answer.status > 299 || !answer.contentType?.startsWith("application/json"))
    return;
  const name = operationOf(answer.method, answer.path);
  if (name === undefined || !(name in responseSchemas)) return;
  const text = new TextDecoder().decode(answer.body);
  const result = responseSchemas[name as keyof typeof responseSchemas].safeParse(parseJson(text));
  if (result.success) return;
  const issues = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
  throw new Error(`${name} was answered with what is not its shape (${issues}): ${text.slice(0, 500)}`);
}

function operationOf(method: string, pathWithQuery: string): OperationName | undefined {
  const path = pathWithQuery.split("?")[0]?.replace(/^\/v1/, "") ?? "";
  return OPERATION_NAMES.find((name) => {
    const row = operationRow(name);
    // A literal segment wins over a parameter: "/locations/default" is not a stream.
    return row.method === method && new RegExp(`^${row.path.replace(/\{\w+\}/g, "[^/]+")}$`).test(path);
  });
}

import { faultsUrl } from "../logic/endpoints.js";
import type { FaultRule } from "../logic/fault-presets.js";
import { endpoints, isOwnServer, token } from "./connection.js";

/** A rule that the server has in force. */
export interface ActiveFault {
  readonly id: string;
  readonly rule: FaultRule;
  readonly hits: number;
}

/** The rules in force; `undefined` when the server does not let them be changed. */
export async function listFaults(signal: AbortSignal): Promise<readonly ActiveFault[] | undefined> {
  const answer = await ask("GET", "", undefined, signal).catch((error: unknown) => {
    // Elsewhere that is how a browser tells of a server that does not let this page ask.
    if (error instanceof TypeError && !isOwnServer) return undefined;
    throw error;
  });
  if (answer === undefined || answer.status === 404 || answer.status === 405) return undefined;
  const { faults } = (await checked(answer)) as { readonly faults: readonly ActiveFault[] };
  return faults;
}

export async function addFault(rule: FaultRule): Promise<ActiveFault> {
  return (await checked(await ask("POST", "", JSON.stringify(rule)))) as ActiveFault;
}

/** Ends a rule; one that is not in force any more is no error. */
export async function removeFault(id: string): Promise<void> {
  const answer = await ask("DELETE", `/${encodeURIComponent(id)}`);
  if (answer.status !== 404) await checked(answer);
}

function ask(method: string, path: string, body?: string, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = {};
  if (token.peek() !== "") headers.authorization = `Bearer ${token.peek()}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  return fetch(faultsUrl(endpoints) + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function checked(answer: Response): Promise<unknown> {
  const text = await answer.text();
  if (answer.ok) return text === "" ? undefined : (JSON.parse(text) as unknown);
  let message = `The server answered ${answer.status}`;
  try {
    message = (JSON.parse(text) as { readonly message?: string }).message ?? message;
  } catch {
    // Not every server has words for it.
  }
  throw new Error(message);
}

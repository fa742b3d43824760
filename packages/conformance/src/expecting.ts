import { S2Error } from "@s2-dev/streamstore";
import { expect } from "vitest";
import type { RawResponse } from "./raw/http.js";
import { settled } from "./waiting.js";

/** What the promise rejects with, which must be an `S2Error`. */
export async function errorOf(promise: PromiseLike<unknown>): Promise<S2Error> {
  try {
    await settled("a rejection", promise);
  } catch (error) {
    if (error instanceof S2Error) return error;
    throw error;
  }
  throw new Error("A rejection was due, and the call succeeded");
}

/** What the function throws, which must be an `S2Error`. */
export function errorThrownBy(run: () => unknown): S2Error {
  try {
    run();
  } catch (error) {
    if (error instanceof S2Error) return error;
    throw error;
  }
  throw new Error("An error was due, and the call succeeded");
}

/** The call must be refused by the server with this code, under the code's own status. */
export async function expectServerError(
  promise: PromiseLike<unknown>,
  code: string,
  status: number,
): Promise<S2Error> {
  const error = await errorOf(promise);
  expect({ code: error.code, status: error.status, origin: error.origin }).toEqual({
    code,
    status,
    origin: "server",
  });
  expect(error.message).not.toBe("");
  return error;
}

/** The answer must be the service's JSON error of this code, with a message and nothing else. */
export function expectCode(response: RawResponse, status: number, code: string): void {
  expect({ status: response.status, body: response.text }).toMatchObject({ status });
  expect(response.headers["content-type"]).toBe("application/json");
  const body = response.json<Record<string, unknown>>();
  expect(body).toEqual({ code, message: expect.any(String) });
  expect(body.message).not.toBe("");
}

/** The first so many items; the rest is let go. */
export async function take<T>(items: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  const gather = async (): Promise<T[]> => {
    for await (const item of items) {
      taken.push(item);
      if (taken.length === count) break;
    }
    return taken;
  };
  const all = await settled(`${count} items`, gather());
  expect(all).toHaveLength(count);
  return all;
}

/** All items, which must end by themselves. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const gathered: T[] = [];
  const gather = async (): Promise<T[]> => {
    for await (const item of items) gathered.push(item);
    return gathered;
  };
  return settled("the end of the items", gather());
}

/** RFC 3339 with at most nine digits of fraction and no zeros at the end. */
export const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z$/;

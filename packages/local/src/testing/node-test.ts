/**
 * A server for tests with `node:test`.
 * @packageDocumentation
 */
import { after, afterEach, before, beforeEach } from "node:test";
import { createFixture, type FixtureOptions, type LocalFixture } from "./test-server.js";

export { createTestClock, type FixtureOptions, type LocalFixture, type TestClock } from "./test-server.js";

/**
 * A server for each test of this file or `describe` block, closed after it. It does not listen unless told so.
 *
 * @example
 * ```ts
 * const server = useLocal({ init: { basins: [{ name: "my-basin" }] } });
 *
 * test("…", async () => {
 *   await using s2 = new S2(server.clientOptions);
 * });
 * ```
 */
export function useLocal(options: FixtureOptions = {}): LocalFixture {
  const [first, last] = options.lives === "file" ? [before, after] : [beforeEach, afterEach];
  return createFixture({ before: (start) => first(start), after: (stop) => last(stop) }, options);
}

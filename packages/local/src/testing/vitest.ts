/**
 * A server for tests with vitest.
 * @packageDocumentation
 */
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
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
  const [before, after] = options.lives === "file" ? [beforeAll, afterAll] : [beforeEach, afterEach];
  return createFixture({ before: (start) => before(start), after: (stop) => after(stop) }, options);
}

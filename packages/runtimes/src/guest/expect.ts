/**
 * What the behaviours import as `vitest`: its `expect` alone, made of the parts that also run in browsers and workers.
 */
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  customMatchers,
  type ExpectStatic,
  getState,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from "@vitest/expect";

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

const matchers = (globalThis as unknown as Record<symbol, object>)[ASYMMETRIC_MATCHERS_OBJECT as symbol];

export const expect = Object.assign(
  (value: unknown, message?: string) => chai.expect(value, message),
  chai.expect,
  matchers,
) as unknown as ExpectStatic;

expect.getState = () => getState(expect);
expect.setState = (state) => setState(state, expect);
setState({ assertionCalls: 0, isExpectingAssertions: false, environment: "", testPath: "" }, expect);
// The method that the plugin has put there takes the `expect` itself, too.
const { expect: base } = chai as unknown as {
  expect: { extend(expect: ExpectStatic, matchers: object): void };
};
base.extend(expect, customMatchers);

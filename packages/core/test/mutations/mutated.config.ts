import { defineConfig } from "vitest/config";
import { mutations } from "./list.js";

/** Runs tests on sources of which one is broken on purpose: the mutation that `S2_MUTATION` numbers. No file changes. */
const mutation = mutations[Number(process.env.S2_MUTATION)];
if (mutation === undefined) throw new Error("S2_MUTATION names no mutation");

export default defineConfig({
  plugins: [
    {
      name: "mutation",
      enforce: "pre",
      transform(code, id) {
        if (!id.endsWith(`/src/${mutation.file}`)) return undefined;
        const parts = code.split(mutation.find);
        if (parts.length !== 2) {
          throw new Error(
            `"${mutation.find}" is ${parts.length - 1} times in ${mutation.file}, and must be there once`,
          );
        }
        return { code: parts.join(mutation.replace), map: null };
      },
    },
  ],
  test: {
    include: ["src/**/*.test.ts", "test/*.test.ts", "test/simulation/*.test.ts"],
    testTimeout: 5000,
    bail: 1,
    fileParallelism: false,
  },
});

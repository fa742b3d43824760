import { checkObject } from "@s2-dev/streamstore-core/client";
import type { S2ClientOptions } from "./options.js";

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Client options from environment variables, to be shown, changed or merged before a client is made of them.
 * `new S2()` looks at the same variables by itself.
 */
export const S2Environment = /* @__PURE__ */ Object.freeze({
  /**
   * The options that `S2_ACCESS_TOKEN`, `S2_ACCOUNT_ENDPOINT` and `S2_BASIN_ENDPOINT` give; only those that are set,
   * and an empty variable is not. Default: the runtime's environment, where there is one.
   */
  parse(environment: Environment = runtimeEnvironment()): Pick<S2ClientOptions, "accessToken" | "endpoints"> {
    checkObject(environment, "environment");
    const accessToken = environment.S2_ACCESS_TOKEN;
    const account = environment.S2_ACCOUNT_ENDPOINT;
    const basin = environment.S2_BASIN_ENDPOINT;
    return {
      ...(accessToken ? { accessToken } : {}),
      ...(account || basin
        ? { endpoints: { ...(account ? { account } : {}), ...(basin ? { basin } : {}) } }
        : {}),
    };
  },
});

/** Deno without `--allow-env` throws: then there is no environment. */
function runtimeEnvironment(): Environment {
  const { process } = globalThis as { process?: { env?: Environment } };
  const environment: Record<string, string> = {};
  for (const name of ["S2_ACCESS_TOKEN", "S2_ACCOUNT_ENDPOINT", "S2_BASIN_ENDPOINT"]) {
    try {
      const value = process?.env?.[name];
      if (value !== undefined) environment[name] = value;
    } catch {}
  }
  return environment;
}

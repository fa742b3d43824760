import { S2Environment as MainEnvironment } from "@s2-dev/streamstore";
import { S2Endpoints } from "./endpoints.js";
import type { S2ClientOptions } from "./options.js";

/** Client options from environment variables. */
export const S2Environment = {
  /** The options that `S2_ACCESS_TOKEN`, `S2_ACCOUNT_ENDPOINT` and `S2_BASIN_ENDPOINT` give; only those that are set. */
  parse(): Partial<S2ClientOptions> {
    const { accessToken, endpoints } = MainEnvironment.parse();
    return {
      ...(typeof accessToken === "string" ? { accessToken } : {}),
      ...(endpoints === undefined ? {} : { endpoints: new S2Endpoints(endpoints) }),
    };
  },
};

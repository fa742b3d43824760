import { packageTests } from "../../vitest.shared.ts";

/** What needs neither a build nor a download: `matrix` and `check:package` run the rest. */
export default packageTests("runtimes");

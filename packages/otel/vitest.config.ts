import { packageTests } from "../../vitest.shared.ts";

// Not `module`: those files of OpenTelemetry name each other without extensions, which only a bundler finds.
const conditions = ["@s2-dev/source", "node", "development|production"];

export default { ...packageTests("otel"), resolve: { conditions }, ssr: { resolve: { conditions } } };

import { library } from "../../tsup.shared.ts";

export default library(
  {
    index: "src/index.ts",
    schemas: "src/schemas/index.ts",
    transport: "src/transport/index.ts",
    wire: "src/wire.ts",
    session: "src/session.ts",
    control: "src/control.ts",
    "exactly-once": "src/exactly-once.ts",
    operations: "src/operations.ts",
    errors: "src/errors.ts",
    testing: "src/testing/index.ts",
  },
  { tsconfig: "tsconfig.neutral.json" },
);

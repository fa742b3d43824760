import { packageTests } from "../../vitest.shared.ts";

export default packageTests("transport-s2s");

import { program } from "../../tsup.shared.ts";

export default program({ run: "src/run.ts" });

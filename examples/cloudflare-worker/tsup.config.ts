import { program } from "../../tsup.shared.ts";

export default program({ dev: "src/dev.ts" });

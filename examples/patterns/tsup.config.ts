import { program } from "../../tsup.shared.ts";

export default program(["src/*.ts", "!src/node-listener.ts"]);

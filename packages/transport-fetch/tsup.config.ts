import { library } from "../../tsup.shared.ts";

export default library({
  index: "src/index.ts",
  "index.node": "src/index.node.ts",
  read: "src/read.ts",
  framed: "src/framed.ts",
});

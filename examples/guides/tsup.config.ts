import { program } from "../../tsup.shared.ts";

export default program([
  "src/*.ts",
  "!src/tls-front.ts",
  "!src/connect-proxy.ts",
  "!src/socks-server.ts",
  "!src/loopback.ts",
]);

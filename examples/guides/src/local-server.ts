import { startLocal } from "@s2-dev/streamstore-local";

const local = await startLocal();
console.log(local.endpoints); // { account: "http://127.0.0.1:…", basin: "http://127.0.0.1:…" }
await local.close();

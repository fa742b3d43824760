import { S2 } from "@s2-dev/streamstore";
import { expectToLeave } from "./alarm.js";

const client = new S2();
const stream = client.basin(process.env.S2_BASIN ?? "").stream(process.env.S2_STREAM ?? "");
await stream.append({ body: "a" });
await stream.readSession();
await (await stream.appendSession()).submit({ body: "b" });
await client.close();
expectToLeave();

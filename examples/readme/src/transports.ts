import { S2 } from "@s2-dev/streamstore";
import { createFetchTransport } from "@s2-dev/streamstore-transport-fetch";

// One stream over the other built-in transport ...
const s2 = new S2();
const basin = s2.basin(process.env.S2_BASIN ?? "my-favourite-basin");
console.log(await basin.stream("greetings", { forceTransport: "fetch" }).checkTail());

// ... or a client over a transport that you made.
const own = new S2({ transport: createFetchTransport() });
console.log((await own.basins.list({ limit: 10 })).basins.map(({ name }) => name));

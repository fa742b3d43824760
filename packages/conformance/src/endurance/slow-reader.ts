import { settledRss } from "./memory.js";
import { openClient } from "./stream.js";

/** How often memory is looked at while everything on offer could come in. */
const LOOKS = 40;

const { client, stream } = openClient();
// What the first read costs for ever is not what a slow one costs.
await stream.read({ seq_num: 0, count: 1, as: "bytes" });
const before = await settledRss();
const session = await stream.readSession({ seq_num: 0, as: "bytes" });
const { value } = await session[Symbol.asyncIterator]().next();
let most = 0;
for (let look = 0; look < LOOKS; look += 1) most = Math.max(most, await settledRss());
const position = session.nextReadPosition()?.seq_num;
await client.close();
process.stdout.write(JSON.stringify({ extra: most - before, first: value?.seq_num, position }));

import { S2 } from "@s2-dev/streamstore";
import { catchUp } from "@s2-dev/streamstore-patterns/reading";

const stream = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("scores");
await stream.append([{ body: "1:0" }, { body: "1:1" }]);

// What there was, then what comes, through one session.
const feed = await catchUp(stream);
const history: string[] = [];
for await (const record of feed.backlog) history.push(record.body);
console.log(`up to ${feed.boundary?.seq_num} it was ${history.join(", ")}`);

await stream.append({ body: "2:1" });
for await (const record of feed.live) {
  console.log("and now", record.body);
  break; // ends the session
}

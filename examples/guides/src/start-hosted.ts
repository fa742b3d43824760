import { S2 } from "@s2-dev/streamstore";

// Takes S2_ACCESS_TOKEN, and S2_ACCOUNT_ENDPOINT with S2_BASIN_ENDPOINT where they are set, from the environment.
const s2 = new S2();
const basin = process.env.S2_BASIN ?? "my-favourite-basin";

const { result } = await s2.basin(basin).streams.ensure({ stream: "first-stream" });
console.log(result);
const ack = await s2.basin(basin).stream("first-stream").append({ body: "Hello" });
console.log("durable at", ack.start.seq_num);

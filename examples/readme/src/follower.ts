import { createFollower } from "@s2-dev/streamstore/follower";

// A token that may only read this stream; a function is asked again when the service refuses the token.
const follower = createFollower({
  accessToken: () => process.env.S2_ACCESS_TOKEN ?? "",
  endpoint: process.env.S2_BASIN_ENDPOINT,
  basin: process.env.S2_BASIN ?? "my-favourite-basin",
  stream: "greetings",
});

const { tail } = await follower.checkTail();
console.log("records so far:", tail.seq_num);

for await (const record of await follower.readSession({ seq_num: 0, clamp: true, wait: 1 })) {
  console.log(record.seq_num, record.body);
}
await follower.close();

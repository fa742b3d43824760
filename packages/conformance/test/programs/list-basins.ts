import { S2 } from "@s2-dev/streamstore";

const s2 = new S2({
  accessToken: process.env.S2_ACCESS_TOKEN,
  retry: {
    maxAttempts: 3,
    retryBackoffDurationMillis: 100,
    appendRetryPolicy: "all",
    requestTimeoutMillis: 5000,
  },
});
const { basins, has_more } = await s2.basins.list();
console.log(`basins: ${basins.some(({ name }) => name === process.env.S2_BASIN)} ${has_more}`);

import { createObserver, logEvents, S2 } from "@s2-dev/streamstore";

const slow: number[] = [];
const observer = createObserver(
  // Any logger with debug, info, warn and error; no line holds a token, a key or a part of a record.
  logEvents({ ...console, debug: () => {} }),
  {
    batchAcked: ({ latencyMillis }) => {
      if (latencyMillis > 1000) slow.push(latencyMillis);
    },
    retryScheduled: ({ activity, delayMillis, error }) =>
      console.log(`${activity.operation} ${activity.stream}: again in ${delayMillis} ms after ${error.code}`),
  },
);

const s2 = new S2({ observer });
const stream = s2.basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("greetings");
const session = await stream.appendSession();
await session.submit({ body: "watched" });
await session.close();

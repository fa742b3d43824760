// Only the name of the package has changed.
import { AppendInput, AppendRecord, S2 } from "@s2-dev/streamstore/camel";

const { S2_ACCESS_TOKEN = "", S2_ACCOUNT_ENDPOINT, S2_BASIN_ENDPOINT } = process.env;
const s2 = new S2({
  accessToken: S2_ACCESS_TOKEN,
  endpoints: { account: S2_ACCOUNT_ENDPOINT, basin: S2_BASIN_ENDPOINT },
});
const stream = s2.basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("from-0-27");

const ack = await stream.append(
  AppendInput.create([AppendRecord.string({ body: "hello", headers: [["kind", "greeting"]] })], {
    matchSeqNum: 0,
  }),
);
console.log(ack.start.seqNum, ack.start.timestamp instanceof Date);

const session = await stream.readSession({
  start: { from: { tailOffset: 10 }, clamp: true },
  stop: { waitSecs: 0 },
});
for await (const record of session) console.log(record.seqNum, record.body, record.headers);

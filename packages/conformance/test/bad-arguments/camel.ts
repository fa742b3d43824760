import * as camel from "@s2-dev/streamstore/camel";
import { transport } from "./main.js";
import { first, type Row } from "./rows.js";

const client = new camel.S2({ accessToken: "token", transport, retry: { maxAttempts: 1 } });
const basin = client.basin("test-basin");
const stream = basin.stream("events");
const session = await stream.appendSession();
const { streams } = basin;
const { basins, accessTokens, locations, metrics } = client;
const { AppendInput, AppendRecord } = camel;
const record = AppendRecord.string({ body: "" });
const bytes = new Uint8Array(1);
const input = (fields: object): never => ({ records: [record], ...fields }) as never;
const page = async () => ({ items: [1], hasMore: false });

export const CAMEL: readonly Row[] = [
  ["S2(options)", (bad) => new camel.S2(bad)],
  ["S2({ endpoints })", (bad) => new camel.S2({ accessToken: "token", endpoints: bad })],
  ["S2({ retry })", (bad) => new camel.S2({ accessToken: "token", retry: bad })],
  ["S2Endpoints(init)", (bad) => new camel.S2Endpoints(bad)],
  ["stream(_, options)", (bad) => basin.stream("events", bad)],
  ["EncryptionKey.from(key)", (bad) => camel.EncryptionKey.from(bad), "text"],
  ["checkTail(options)", (bad) => stream.checkTail(bad)],
  ["read(input)", (bad) => stream.read(bad)],
  ["read({ start })", (bad) => stream.read({ start: bad })],
  ["read({ start: { from } })", (bad) => stream.read({ start: { from: bad } })],
  ["read({ stop })", (bad) => stream.read({ stop: bad })],
  ["read({ stop: { limits } })", (bad) => stream.read({ stop: { limits: bad } })],
  ["read({ stop: { waitSecs } })", (bad) => stream.read({ stop: { waitSecs: bad } }), "number"],
  ["read({ stop: { untilTimestamp } })", (bad) => stream.read({ stop: { untilTimestamp: bad } }), "number"],
  ["read({ streamConfig })", (bad) => stream.read({ streamConfig: bad })],
  ["read(_, options)", (bad) => stream.read({}, bad)],
  ["readSession(input)", (bad) => stream.readSession(bad)],
  ["readSession(_, options)", (bad) => stream.readSession({}, bad)],
  ["append(input)", (bad) => stream.append(bad)],
  ["append(_, options)", (bad) => stream.append(input({}), bad)],
  ["append({ records })", (bad) => stream.append(input({ records: bad }))],
  ["append({ records: [record] })", (bad) => stream.append(input({ records: [bad] }))],
  ["append({ streamConfig })", (bad) => stream.append(input({ streamConfig: bad }))],
  ["appendSession(options)", (bad) => stream.appendSession(bad)],
  ["appendSession({ streamConfig })", (bad) => stream.appendSession({ streamConfig: bad })],
  ["submit(input)", (bad) => session.submit(bad)],
  ["writable.write(input)", async (bad) => (await stream.appendSession()).writable.getWriter().write(bad)],
  ["BatchTransform(options)", (bad) => new camel.BatchTransform(bad)],
  ["Producer(transform)", (bad) => new camel.Producer(bad, session)],
  ["Producer(_, session)", (bad) => new camel.Producer(new camel.BatchTransform(), bad)],
  ["Producer.submit(record)", (bad) => new camel.Producer(new camel.BatchTransform(), session).submit(bad)],
  ["CaughtUpTracker.observeBatch(batch)", (bad) => new camel.CaughtUpTracker().observeBatch(bad)],
  ["paginate(fetcher)", (bad) => first(camel.paginate(bad, {}, String))],
  ["paginate(_, args)", (bad) => first(camel.paginate(page, bad, String))],
  ["paginate(_, _, getCursor)", (bad) => first(camel.paginate(page, {}, bad))],
];

export const CAMEL_RECORDS: readonly Row[] = [
  ["AppendRecord.string(params)", (bad) => AppendRecord.string(bad)],
  ["AppendRecord.string({ body })", (bad) => AppendRecord.string({ body: bad }), "text"],
  ["AppendRecord.string({ headers })", (bad) => AppendRecord.string({ body: "", headers: bad })],
  [
    "AppendRecord.string({ headers: [pair] })",
    (bad) => AppendRecord.string({ body: "", headers: [bad] }),
    "text",
  ],
  [
    "AppendRecord.string({ headers: [[_, value]] })",
    (bad) => AppendRecord.string({ body: "", headers: [["a", bad]] }),
    "text",
  ],
  ["AppendRecord.bytes(params)", (bad) => AppendRecord.bytes(bad)],
  ["AppendRecord.bytes({ body })", (bad) => AppendRecord.bytes({ body: bad }), "text"],
  ["AppendRecord.bytes({ headers })", (bad) => AppendRecord.bytes({ body: bytes, headers: bad })],
  [
    "AppendRecord.bytes({ headers: [[_, value]] })",
    (bad) => AppendRecord.bytes({ body: bytes, headers: [["a", bad]] }),
    "text",
  ],
  ["AppendRecord.fence(token)", (bad) => AppendRecord.fence(bad), "text"],
  ["AppendRecord.trim(seqNum)", (bad) => AppendRecord.trim(bad), "number"],
  ["AppendRecord.maxBodyBytes(headers)", (bad) => AppendRecord.maxBodyBytes(bad)],
  ["AppendInput.create(records)", (bad) => AppendInput.create(bad)],
  ["AppendInput.create([record])", (bad) => AppendInput.create([bad])],
  ["AppendInput.create(_, options)", (bad) => AppendInput.create([record], bad)],
  ["meteredBytes(record)", (bad) => camel.meteredBytes(bad)],
  ["meteredBytes({ body })", (bad) => camel.meteredBytes({ body: bad }), "text"],
];

export const CAMEL_CONTROL: readonly Row[] = [
  ["basins.list(args)", (bad) => basins.list(bad)],
  ["basins.listAll(args)", (bad) => first(basins.listAll(bad))],
  ["basins.create(args)", (bad) => basins.create(bad)],
  ["basins.create({ config })", (bad) => basins.create({ basin: "new-basin", config: bad }), "null"],
  ["basins.getConfig(args)", (bad) => basins.getConfig(bad)],
  ["basins.ensure(args)", (bad) => basins.ensure(bad)],
  ["basins.reconfigure(args)", (bad) => basins.reconfigure(bad)],
  ["streams.list(args)", (bad) => streams.list(bad)],
  ["streams.create(args)", (bad) => streams.create(bad)],
  [
    "streams.create({ config: { timestamping } })",
    (bad) => streams.create({ stream: "a", config: { timestamping: bad } }),
    "null",
  ],
  ["streams.reconfigure(args)", (bad) => streams.reconfigure(bad)],
  ["accessTokens.list(args)", (bad) => accessTokens.list(bad)],
  ["accessTokens.issue(args)", (bad) => accessTokens.issue(bad)],
  ["accessTokens.issue({ scope })", (bad) => accessTokens.issue({ id: "a", scope: bad })],
  ["accessTokens.revoke(args)", (bad) => accessTokens.revoke(bad)],
  ["locations.setDefault(args)", (bad) => locations.setDefault(bad)],
  ["metrics.account(args)", (bad) => metrics.account(bad)],
  ["metrics.account({ start })", (bad) => metrics.account({ set: "active-basins", start: bad }), "number"],
  ["metrics.stream(args)", (bad) => metrics.stream(bad)],
];

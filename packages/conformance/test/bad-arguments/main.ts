import * as main from "@s2-dev/streamstore";
import { createFollower } from "@s2-dev/streamstore/follower";
import { createFetchTransport } from "@s2-dev/streamstore-transport-fetch";
import { createS2sTransport } from "@s2-dev/streamstore-transport-s2s";
import { createTrap, first, type Row } from "./rows.js";

const { fetch, ...trap } = createTrap();
export const { transport, uses } = trap;
export const client = new main.S2({ accessToken: "token", transport, retry: { maxAttempts: 1 } });
export const basin = client.basin("test-basin");
export const stream = basin.stream("events");
const session = await stream.appendSession();
const { streams } = basin;
const { basins, accessTokens, locations, metrics } = client;
const place = { accessToken: "token", basin: "test-basin", stream: "events" };
const follower = createFollower({ ...place, fetch, retry: { maxAttempts: 1 } });
const page = async () => ({ items: [1], has_more: false });
const transformed = () => new main.BatchTransform();

export const CLIENT: readonly Row[] = [
  ["S2(options)", (bad) => new main.S2(bad)],
  ["S2({ retry })", (bad) => new main.S2({ accessToken: "token", retry: bad })],
  ["basin(name)", (bad) => client.basin(bad)],
  ["stream(name)", (bad) => basin.stream(bad), "text"],
  ["stream(_, options)", (bad) => basin.stream("events", bad)],
  ["withEncryptionKey(key)", (bad) => stream.withEncryptionKey(bad)],
  ["EncryptionKey.from(key)", (bad) => main.EncryptionKey.from(bad), "text"],
  ["S2Environment.parse(environment)", (bad) => main.S2Environment.parse(bad)],
  ["checkTail(options)", (bad) => stream.checkTail(bad)],
  ["read(args)", (bad) => stream.read(bad)],
  ["read(_, options)", (bad) => stream.read({}, bad)],
  ["append(records)", (bad) => stream.append(bad)],
  ["append([record])", (bad) => stream.append([bad])],
  ["append(_, args)", (bad) => stream.append({ body: "" }, bad)],
  ["append(_, _, options)", (bad) => stream.append({ body: "" }, {}, bad)],
  ["append({ headers })", (bad) => stream.append({ headers: bad })],
  ["append(_, { streamConfig })", (bad) => stream.append({ body: "" }, { streamConfig: bad })],
  ["readSession(args)", (bad) => stream.readSession(bad)],
  ["readSession(_, options)", (bad) => stream.readSession({}, bad)],
  ["readSession(_, { retry })", (bad) => stream.readSession({}, { retry: bad })],
  ["appendSession(options)", (bad) => stream.appendSession(bad)],
  ["appendSession(_, options)", (bad) => stream.appendSession({}, bad)],
  ["appendSession({ retry })", (bad) => stream.appendSession({ retry: bad })],
  ["submit(records)", (bad) => session.submit(bad)],
  ["submit(_, args)", (bad) => session.submit({ body: "" }, bad)],
  ["enqueue(records)", (bad) => session.enqueue(bad)],
  ["enqueue(_, args)", (bad) => session.enqueue({ body: "" }, bad)],
  ["writable.write(batch)", async (bad) => (await stream.appendSession()).writable.getWriter().write(bad)],
];

export const CONTROL: readonly Row[] = [
  ["basins.list(args)", (bad) => basins.list(bad)],
  ["basins.list(_, options)", (bad) => basins.list({}, bad)],
  ["basins.listAll(args)", (bad) => first(basins.listAll(bad))],
  ["basins.listAll(_, options)", (bad) => first(basins.listAll({}, bad))],
  ["basins.create(args)", (bad) => basins.create(bad)],
  ["basins.ensure(args)", (bad) => basins.ensure(bad)],
  ["basins.getConfig(args)", (bad) => basins.getConfig(bad)],
  ["basins.delete(args)", (bad) => basins.delete(bad)],
  ["basins.reconfigure(args)", (bad) => basins.reconfigure(bad)],
  ["streams.list(args)", (bad) => streams.list(bad)],
  ["streams.listAll(args)", (bad) => first(streams.listAll(bad))],
  ["streams.create(args)", (bad) => streams.create(bad)],
  ["streams.ensure(args)", (bad) => streams.ensure(bad)],
  ["streams.delete(args)", (bad) => streams.delete(bad)],
  ["streams.reconfigure(args)", (bad) => streams.reconfigure(bad)],
  ["accessTokens.list(args)", (bad) => accessTokens.list(bad)],
  ["accessTokens.issue(args)", (bad) => accessTokens.issue(bad)],
  ["accessTokens.issue({ scope })", (bad) => accessTokens.issue({ id: "a", scope: bad })],
  ["accessTokens.revoke(args)", (bad) => accessTokens.revoke(bad)],
  ["locations.list(options)", (bad) => locations.list(bad)],
  ["locations.setDefault(args)", (bad) => locations.setDefault(bad)],
  ["metrics.account(args)", (bad) => metrics.account(bad)],
  ["metrics.stream(args)", (bad) => metrics.stream(bad)],
];

/** A condition that guards nothing where it stands; `null` is none. */
const guarded = (name: string, bad: never) => ({ body: "", [name]: bad });

/** Conditions put into a record, in the letters of either era. */
export const CONDITIONS: readonly Row[] = [
  "match_seq_num",
  "fencing_token",
  "matchSeqNum",
  "fencingToken",
].flatMap((name): Row[] => [
  [`append({ ${name} })`, (bad) => stream.append(guarded(name, bad)), "null"],
  [`append([_, { ${name} }])`, (bad) => stream.append([{}, guarded(name, bad)]), "null"],
  [`submit({ ${name} })`, (bad) => session.submit(guarded(name, bad)), "null"],
  [`enqueue([{ ${name} }])`, (bad) => session.enqueue([guarded(name, bad)]), "null"],
  [
    `BatchTransform.writable.write({ ${name} })`,
    (bad) => transformed().writable.getWriter().write(guarded(name, bad)),
    "null",
  ],
  [
    `Producer.submit({ ${name} })`,
    (bad) => new main.Producer(transformed(), session).submit(guarded(name, bad)),
    "null",
  ],
]);

export const HELPERS: readonly Row[] = [
  ["paginate(fetchPage)", (bad) => first(main.paginate(bad, {}, String))],
  ["paginate(_, args)", (bad) => first(main.paginate(page, bad, String))],
  ["paginate(_, _, cursorOf)", (bad) => first(main.paginate(page, {}, bad))],
  ["AppendRecord.fence(token)", (bad) => main.AppendRecord.fence(bad), "text"],
  ["AppendRecord.trim(seqNum)", (bad) => main.AppendRecord.trim(bad), "number"],
  ["BatchTransform(options)", (bad) => new main.BatchTransform(bad)],
  ["BatchTransform.writable.write(record)", (bad) => transformed().writable.getWriter().write(bad)],
  ["Producer(transform)", (bad) => new main.Producer(bad, session)],
  ["Producer(_, session)", (bad) => new main.Producer(transformed(), bad)],
  ["Producer.submit(record)", (bad) => new main.Producer(transformed(), session).submit(bad)],
  ["createObserver(hooks)", (bad) => main.createObserver(bad)],
  ["logEvents(logger)", (bad) => main.logEvents(bad)],
  ["createFetchTransport(options)", (bad) => createFetchTransport(bad)],
  ["createS2sTransport(options)", (bad) => createS2sTransport(bad)],
  ["createFollower(options)", (bad) => createFollower(bad)],
  ["createFollower({ retry })", (bad) => createFollower({ ...place, retry: bad })],
  ["follower.readSession(args)", (bad) => follower.readSession(bad)],
  ["follower.readSession(_, options)", (bad) => follower.readSession({}, bad)],
  ["follower.readSession(_, { signal })", (bad) => follower.readSession({}, { signal: bad })],
  ["follower.checkTail(options)", (bad) => follower.checkTail(bad)],
];

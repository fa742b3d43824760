import * as patterns from "@s2-dev/streamstore-patterns";
import { client, stream } from "./main.js";
import { first, type Row } from "./rows.js";

const place = { basin: "test-basin", name: "events" };
const codec = patterns.jsonCodec();
const messages = patterns.typed(stream, { codec });
const request = new Request("http://localhost/");
const session = await stream.appendSession();

export const PATTERNS: readonly Row[] = [
  ["readAll(stream)", (bad) => first(patterns.readAll(bad))],
  ["readAll(_, args)", (bad) => first(patterns.readAll(stream, bad))],
  ["readAll(_, _, options)", (bad) => first(patterns.readAll(stream, {}, bad))],
  ["collect(stream)", (bad) => patterns.collect(bad)],
  ["collect(_, args)", (bad) => patterns.collect(stream, bad)],
  ["readLast(stream)", (bad) => patterns.readLast(bad, 1)],
  ["readLast(_, _, args)", (bad) => patterns.readLast(stream, 1, bad)],
  ["catchUp(stream)", (bad) => patterns.catchUp(bad)],
  ["catchUp(_, args)", (bad) => patterns.catchUp(stream, bad)],
  ["resumeReading(stream)", (bad) => patterns.resumeReading(bad, 0)],
  ["resumeReading(_, _, args)", (bad) => patterns.resumeReading(stream, 0, bad)],
  ["createCursor(stream)", (bad) => patterns.createCursor(bad, 0)],
  ["cursorOf(stream)", (bad) => patterns.cursorOf(bad, { nextReadPosition: () => undefined })],
  ["cursorOf(_, session)", (bad) => patterns.cursorOf(place, bad)],
  ["parseCursor(text)", (bad) => patterns.parseCursor(bad)],
  ["restoreCursor(_, stream)", (bad) => patterns.restoreCursor(`${patterns.createCursor(place, 0)}`, bad)],
  ["appendAll(target)", (bad) => patterns.appendAll(bad, [])],
  ["appendAll(_, source)", (bad) => patterns.appendAll(stream, bad)],
  ["appendAll(_, _, options)", (bad) => patterns.appendAll(stream, [], bad)],
  ["acquireLease(stream)", (bad) => patterns.acquireLease(bad)],
  ["acquireLease(_, options)", (bad) => patterns.acquireLease(stream, bad)],
  ["currentFencingToken(stream)", (bad) => patterns.currentFencingToken(bad)],
  ["currentFencingToken(_, options)", (bad) => patterns.currentFencingToken(stream, bad)],
  ["readFencingToken(stream)", (bad) => patterns.readFencingToken(bad)],
  ["formatLeaseToken(token)", (bad) => patterns.formatLeaseToken(bad)],
  ["issueReaderToken(_, args)", (bad) => patterns.issueReaderToken(client.accessTokens, bad)],
  ["typed(stream)", (bad) => patterns.typed(bad, { codec })],
  ["typed(_, options)", (bad) => patterns.typed(stream, bad)],
  ["typed.appendBatch(messages)", (bad) => messages.appendBatch(bad)],
  ["typed.appendSession(options)", (bad) => messages.appendSession(bad)],
  ["typed.read(args)", (bad) => messages.read(bad)],
  ["typed.readSession(args)", (bad) => messages.readSession(bad)],
  ["typed.follow(args)", (bad) => first(messages.follow(bad))],
  ["eventStreamResponse(_, stream)", (bad) => patterns.eventStreamResponse(request, bad)],
  ["eventStreamResponse(_, _, options)", (bad) => patterns.eventStreamResponse(request, stream, bad)],
  ["recordToJson(record)", (bad) => patterns.recordToJson(bad)],
  ["startAnswer(stream)", (bad) => patterns.startAnswer(bad)],
  ["startAnswer(_, options)", (bad) => patterns.startAnswer(stream, bad)],
  ["continueAnswer(stream)", (bad) => patterns.continueAnswer(bad)],
  ["stopAnswer(stream)", (bad) => patterns.stopAnswer(bad)],
  ["findAnswer(stream)", (bad) => patterns.findAnswer(bad)],
  ["findAnswer(_, options)", (bad) => patterns.findAnswer(stream, bad)],
  ["resumeResponse(_, stream)", (bad) => patterns.resumeResponse(request, bad)],
  ["compactConversation(_, reader)", (bad) => patterns.compactConversation(stream, bad)],
  ["SerializingAppendSession(_, serialize)", (bad) => new patterns.SerializingAppendSession(session, bad)],
];

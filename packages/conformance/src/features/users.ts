import { featureGroup } from "./types.js";

/** What users of the published SDK wrote by hand around it. */
export const usersFeatures = featureGroup("What users wrote by hand", [
  [
    "Reading everything, page after page",
    "`readAll(stream, args)`, `.batches()`, `collect(stream, { maxBytes })` of `patterns/reading`",
    "conformance/src/behaviours/paging.ts > reads everything to the tail, far beyond what one read gives",
    "conformance/src/behaviours/paging.ts > gives nothing of an empty stream, and nothing at its tail",
  ],
  [
    "The last records, of short and empty streams too",
    "`readLast(stream, n)` of `patterns/reading`",
    "conformance/src/behaviours/paging.ts > gives the last records of long, short and empty streams",
  ],
  [
    "Splitting a source into batches, with progress",
    "`appendAll(stream | session, source, { onProgress, match_seq_num, fencing_token })` of `patterns/writing`; `AppendAllError` says what is durable",
    "patterns/src/writing/append-all.test.ts > keeps every limit and the order, whatever the sizes are",
    "patterns/src/writing/append-all.test.ts > knows what is durable, what may be, and what is not, when its session fails",
    "conformance/src/behaviours/bulk-appending.ts > appends a source of any length and of mixed sizes, in order",
  ],
  [
    "Decoding command records",
    "`isCommandRecord(record)`, `commandOf(record)`",
    "conformance/src/behaviours/commands.ts > gives commands back like any other record",
  ],
  [
    "A lease by fencing, with its deadline in the token",
    "`acquireLease(stream, { ttlMillis, owner, wait, session })` of `patterns/lease`; `lease.append`, `renew`, `release`, `signal`",
    "conformance/src/behaviours/leasing.ts > lets exactly one of many contenders have a stream",
    "conformance/src/behaviours/leasing.ts > renews through the session that appends under it",
    "patterns/src/lease/lease.test.ts > takes over a lease that has run out, not before the clocks' difference has passed",
  ],
  [
    "The current fencing token, without a failing append",
    "`currentFencingToken(stream)`, `readFencingToken(stream)` of `patterns/lease`",
    "conformance/src/behaviours/leasing.ts > says who has it, and finds that out without a failing append",
    "conformance/src/behaviours/leasing.ts > asks the service when the fence lies too far back",
  ],
  [
    "Replay gaps: a trim jumped past the cursor",
    '`resumeReading(stream, cursor, { onGap: "error" | (gap) => ... })` of `patterns/reading`; `ReplayGapError`',
    "conformance/src/behaviours/resuming.ts > tells of records that were trimmed before it came back",
    "conformance/src/behaviours/resuming.ts > tells of them at once when nothing is left, and nothing comes",
  ],
  [
    "A cursor to store",
    "`createCursor`, `restoreCursor`, `cursorOf` of `patterns/cursor`",
    "patterns/src/cursor/stream-cursor.test.ts > comes back from its text, whatever the stream is called and wherever it is",
    "conformance/src/behaviours/resuming.ts > goes on from a cursor that was stored as text",
  ],
  [
    "Catching up, then going live",
    "`catchUp(stream)` of `patterns/reading`: `backlog`, `boundary`, `live`",
    "conformance/src/behaviours/resuming.ts > reads what there is, says when that was all, and goes on live",
  ],
  [
    "A bridge to server-sent events with `Last-Event-ID`",
    "`eventStreamResponse(request, stream, options)` of `patterns/sse`",
    "conformance/src/behaviours/bridging.ts > loses and repeats nothing, however often an EventSource must reconnect",
    "conformance/src/behaviours/bridging.ts > serves many readers at once, and leaves no session when they go",
    "conformance/src/behaviours/bridging.ts > takes from the stream only what its reader takes",
  ],
  [
    "Scoped tokens with a required expiry",
    "`issueReaderToken`, `issueWriterToken` of `patterns/tokens`",
    "conformance/test/scoped-tokens.test.ts > for a writer appends, and fences, trims, reads or creates only if it was given that",
    "patterns/src/tokens/issue-token.test.ts > is refused before anything is sent",
  ],
  [
    "Answers of a model that survive reloads",
    "`answerResponse`, or `startAnswer` with `consumeSseStream` of the AI SDK 5 to 7; `resumeResponse` for `useChat({ resume: true })`, with `Last-Event-ID`: `patterns/ai`",
    "conformance/test/ai-sdk.test.ts > stores what the hook of toUIMessageStreamResponse gets, byte for byte what the browser gets",
    "conformance/test/ai-sdk.test.ts > answers and stores in one call, and a page that comes back sees the same message",
    "conformance/src/behaviours/answering.ts > gives an answer to any number of readers, whenever they come, and leaves no session",
    "patterns/src/ai/resume-response.test.ts > gets only what it lacks with the id of the last event that it has seen",
    "patterns/src/ai/answer.test.ts > loses nothing to a slow store, and the browser does not wait for it",
  ],
  [
    "Stopping an answer from anywhere",
    "`stopAnswer(stream)` of `patterns/ai`",
    "conformance/test/ai-sdk.test.ts > ends the model call when it is asked to stop",
    "conformance/src/behaviours/answering.ts > stops an answer from another client, and everybody sees the end",
    "patterns/src/ai/stop-answer.test.ts > reaches the producer wherever it runs, ends its model call, and everybody sees the end",
  ],
  [
    "One producer a conversation, and what becomes of one that dies",
    '`whenActive: "refuse" | "takeOver"`, `onCrash`, `continueAnswer(stream)` of `patterns/ai`',
    "conformance/src/behaviours/answering.ts > lets one of many producers have a conversation, until another takes over",
    "conformance/src/behaviours/answering.ts > goes on with the answer of a producer that has died: one of those who notice does, and all see it whole",
    "conformance/test/ai-sdk.test.ts > goes on with an answer that was broken off, in the same part of the same message",
  ],
  [
    "The messages of a conversation, and compacting its tokens",
    "`readConversation(stream, { readUIMessageStream })`, `compactConversation` of `patterns/ai`",
    "patterns/src/ai/conversation.test.ts > holds each token once, whatever retries have stored twice",
    "conformance/src/behaviours/answering.ts > compacts a conversation to its messages",
  ],
  [
    "Tokens batched by time, within the rate of a stream",
    "`lingerMillis` (25) of `patterns/ai`",
    "patterns/src/ai/append-batcher.test.ts > ms wait 25 ms at most, in at most 41 appends a second",
  ],
]);

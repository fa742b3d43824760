import { featureGroup } from "./types.js";

/** Messages of the user's own types. */
export const typedFeatures = featureGroup("Typed streams and messages of any size", [
  [
    "Messages larger than a record, interleaved writers, copies dropped",
    "`SerializingAppendSession`, `DeserializingReadSession` and their parts of `patterns/serialization`",
    "patterns/src/serialization/delivery.test.ts > holds for messages from nothing to 20 MiB, small ones being the rule",
    "patterns/src/serialization/delivery.test.ts > is once per writer, in order and identical, whatever was sent again and however writers interleave",
    "conformance/src/behaviours/messaging.ts > keeps messages of any size whole and in order, though three write at the same time",
  ],
  [
    "The same bytes as the published patterns, both ways",
    "`patterns/serialization`, `patterns/typed`",
    "patterns/src/serialization/wire-format.test.ts > writes the golden message byte for byte, with its headers in their order",
    "conformance/test/published-patterns.test.ts > are read here (%s)",
    "conformance/test/published-patterns.test.ts > can be written here (%s)",
    "conformance/test/published-patterns.test.ts > are dropped on both sides where a copy follows",
    "conformance/test/published-patterns.test.ts > can be those of a typed session, and are read by a typed stream",
  ],
  [
    "A typed client for zod, valibot, arktype and any other validator of Standard Schema",
    "`typed(stream, { schema })` of `patterns/typed`: `append`, `appendBatch`, `appendSession`, `read`, `readSession`, `follow`",
    "patterns/src/typed/inference.test.ts > are those that a validator of any library takes and gives",
    "patterns/src/typed/typed-appending.test.ts > names the place by the path that %s gives",
    "conformance/src/behaviours/messaging.ts > writes typed messages of any size, and reads them back as what the schema makes of them",
  ],
  [
    "Codecs: JSON, MessagePack, functions",
    "`typed(stream, { codec })`, `jsonCodec()`, `messagePack()` of `patterns/msgpack`",
    "patterns/src/msgpack/message-pack.test.ts > stores bytes and dates as what they are, also in messages larger than a record",
    "patterns/src/typed/inference.test.ts > of a stream without a schema are those of its codec",
  ],
  [
    "Pipelined writing of typed messages, several to a batch, each once",
    "`typed(...).appendSession()`: `submit`, `enqueue`, `writable`, `flush`, `close`",
    "patterns/src/typed/typed-append-session.test.ts > gathers small messages into one batch until the linger has passed",
    "patterns/src/typed/typed-append-session.test.ts > lets readers drop the copies which retries leave, and can be turned off",
    "patterns/src/typed/typed-append-session.test.ts > is once per writer, in order and identical, for any sizes, batches sent again and writers interleaved",
  ],
  [
    "Messages that do not fit: refused when written; when read thrown, left out and told of, or handed over",
    '`InvalidMessageError`, `onInvalid: "throw" | "raw" | (invalid) => ...`',
    "patterns/src/typed/typed-appending.test.ts > refuses a value that does not fit before anything is sent, naming every place",
    "patterns/src/typed/typed-reading.test.ts > throws at a message that does not fit, after those before it, and ends the session",
    "conformance/src/behaviours/messaging.ts > refuses a typed message that does not fit before it is sent, and tells a reader where one lies",
  ],
  [
    "Unions that a header tells apart; metadata in headers",
    '`typed(stream, { union: { a: A, b: B } })`, `append(value, { type: "a", key, id, timestamp, headers })`, `headerNames`',
    "patterns/src/typed/inference.test.ts > of a union follow from the header that tells its types apart",
    "patterns/src/typed/typed-appending.test.ts > stores metadata in headers, and gives them back",
    "patterns/src/typed/typed-appending.test.ts > takes names of the stream's own for them, also for what tells its types apart",
  ],
  [
    "Schema versions",
    "`version`, `upcasters`, `upcast(olderSchema, convert)`",
    "patterns/src/typed/typed.test.ts > are written when they are not the first, and brought up one after the other",
  ],
  [
    "Going on from a stored position, exactly",
    "`message.resume`, `session.resumePosition()`, `read({ resume })`",
    "patterns/src/typed/typed-reading.test.ts > misses and repeats nothing, though large messages of several writers lie within each other",
    "conformance/src/behaviours/messaging.ts > follows typed messages live, and goes on from a stored position without loss or repetition",
  ],
  [
    "Programs to start from: a typed client, a multimodal chat, a key-value view, a work queue, an exactly-once consumer",
    "`examples/typed-client`, `multimodal-chat`, `key-value-view`, `work-queue`, `exactly-once-consumer`",
    "conformance/test/examples.test.ts > is run",
  ],
]);

import { S2Error } from "@s2-dev/streamstore-core";
import { DeserializingReadSession } from "../src/serialization/deserializing-read-session.js";
import {
  SerializingAppendSession,
  type SerializingAppendSessionOptions,
} from "../src/serialization/serializing-append-session.js";
import { MemoryAppendSession, type MemoryAppendSessionOptions } from "./memory-append-session.js";
import { MemoryReadSession } from "./memory-read-session.js";
import { MemoryStream } from "./memory-stream.js";

export const identity = (payload: Uint8Array) => payload;
/** The bytes of a text. */
export const text = (value: string) => new TextEncoder().encode(value);

/** A session for messages of bytes, on a stream in memory. */
export function openSerializing(
  options: SerializingAppendSessionOptions = {},
  sessionOptions: MemoryAppendSessionOptions = {},
) {
  const stream = new MemoryStream();
  const session = new MemoryAppendSession(stream, sessionOptions);
  return { stream, session, messages: new SerializingAppendSession(session, identity, options) };
}

/** So many bytes, none like its neighbours'. */
export function filled(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let index = 0; index < size; index += 97) bytes[index] = index % 251;
  return bytes;
}

/** All messages that a stream holds. */
export async function readBack(stream: MemoryStream): Promise<Uint8Array[]> {
  const messages: Uint8Array[] = [];
  for await (const message of new DeserializingReadSession(new MemoryReadSession(stream.records), identity)) {
    messages.push(message);
  }
  return messages;
}

/** What a promise ended with, whether or not anybody waited. */
export function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => value,
    (error: unknown) => error,
  );
}

/** Lets everything run that waits for nothing outside. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export const lost = () => new S2Error({ message: "lost", code: "CONNECTION_LOST" });

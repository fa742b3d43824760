/**
 * MessagePack for typed streams. Needs `@msgpack/msgpack`, an optional peer.
 * @packageDocumentation
 */
export { type MessagePackExtensions, type MessagePackOptions, messagePack } from "./message-pack.js";

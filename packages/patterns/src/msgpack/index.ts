/**
 * MessagePack for typed streams. Needs `@msgpack/msgpack`, an optional peer.
 * @packageDocumentation
 */
export { type MessagePackOptions, messagePack } from "./message-pack.js";

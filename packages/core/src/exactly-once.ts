/**
 * Exactly-once appends, for the packages that assemble sessions. An entry of its own: only a program that asks for the
 * mode loads it.
 * @packageDocumentation
 */
export { PositionChain } from "./session/append/exactly-once.js";
export { createMarker } from "./session/append/marker.js";
export { createStreamReader } from "./session/append/stream-reader.js";

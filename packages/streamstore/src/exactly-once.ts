/** What a page loads with its first append session that is to append exactly once. */
export { createMarker, createStreamReader, PositionChain } from "@s2-dev/streamstore-core/exactly-once";

/**
 * What a page loads when it opens its first read session. A program that wants it there before calls
 * `import("@s2-dev/streamstore/reading")`; what the module exports is the client's own business. On Node, Bun and Deno
 * it is part of the main entry.
 * @packageDocumentation
 */
export {
  openReadSession,
  readFormat,
  readQuery,
  readRequest,
  readSkips,
} from "@s2-dev/streamstore-core/reading";
export { openRead } from "@s2-dev/streamstore-transport-fetch/reading";

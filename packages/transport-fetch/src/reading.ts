/**
 * What carries read sessions over the runtime's own `fetch`: for `createFetchCalls`. An entry of its own, which a client
 * loads with its first session; it holds no more than that, since a bundler keeps all of what is imported dynamically.
 *
 * @packageDocumentation
 */
import type { OpenRead } from "./protocols.js";
import { readLinksBy } from "./read-link.js";
import { sseReads } from "./sse-reads.js";

/** Opens one attempt at a read session: server-sent events. */
export const openRead: OpenRead = /* @__PURE__ */ readLinksBy(sseReads);

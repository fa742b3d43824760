/**
 * What carries append sessions over `fetch`: for `createFetchCalls`. An entry of its own, which a client loads with its
 * first session; it holds no more than that, since a bundler keeps all of what is imported dynamically.
 *
 * @packageDocumentation
 */
import { postedAppends } from "./append-link.js";
import type { OpenAppend } from "./protocols.js";

/** Opens one attempt at an append session: one POST at a time. */
export const openAppend: OpenAppend = postedAppends.open;

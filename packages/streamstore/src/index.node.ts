/**
 * The TypeScript SDK for S2, for Node, Bun and Deno.
 * @packageDocumentation
 */
import type { S2ClientOptions } from "./options.js";
import { runtime } from "./runtime.node.js";
import { S2Client } from "./s2.js";
import { serverOptions } from "./server-options.js";

/** A client of S2. Throws `INVALID_ARGUMENT` naming the option that is wrong. */
export class S2 extends S2Client {
  constructor(options: S2ClientOptions = {}) {
    super(serverOptions(options), runtime);
  }
}

// By what it is for, as core divides it: a page that imports an error loads no producer.
export * from "./exports/append-errors.js";
export * from "./exports/calling.js";
export * from "./exports/configuring.js";
export * from "./exports/following.js";
export * from "./exports/limits.js";
export * from "./exports/managing.js";
export * from "./exports/observing.js";
export * from "./exports/producing.js";
export * from "./exports/records.js";
export type * from "./exports.js";

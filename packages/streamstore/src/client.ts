import { links, parts } from "./on-demand.js";
import type { S2ClientOptions } from "./options.js";
import { createRuntime } from "./runtime.js";
import { S2Client } from "./s2.js";

// Marked for bundlers: else a program that takes one helper gets the client, too.
const runtime = /* @__PURE__ */ createRuntime(parts, links);

/** A client of S2. Throws `INVALID_ARGUMENT` naming the option that is wrong. */
export class S2 extends S2Client {
  constructor(options: S2ClientOptions = {}) {
    super(options, runtime);
  }
}

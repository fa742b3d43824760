import type { S2ClientOptions } from "./options.js";
import { runtime } from "./runtime.js";
import { S2Client } from "./s2.js";

/** A client of S2. Throws `INVALID_ARGUMENT` naming the option that is wrong. */
export class S2 extends S2Client {
  constructor(options: S2ClientOptions = {}) {
    super(options, runtime);
  }
}

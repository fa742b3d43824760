/** What a page loads at first, but for what loads the parts. Each part reaches it (`tsup.config.ts`). */
export { createRuntime } from "./runtime.js";
export { S2Client } from "./s2.js";

/** The client of pages and workers; the entry for Node has its own. */
export { S2 } from "../client.js";

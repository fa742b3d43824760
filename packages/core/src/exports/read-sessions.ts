/** Sessions that read over any transport. */
export { openReadSession } from "../session/read/session.js";

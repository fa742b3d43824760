/** What queues. */
export { Fifo } from "../util/fifo.js";

/** What makes batches of single records. */
export { BatchTransform, Producer } from "@s2-dev/streamstore-core";

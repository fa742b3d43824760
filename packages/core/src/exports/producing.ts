/** What makes batches of single records. */
export { BatchTransform } from "../session/produce/batch-transform.js";
export { Producer } from "../session/produce/producer.js";

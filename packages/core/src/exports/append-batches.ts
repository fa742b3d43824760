/** A batch to append as bytes, and the check of what guards it. */
export {
  type AppendConditions,
  encodeAppendBatch,
} from "../codec/append-input.js";
export { checkFencingToken } from "../model/fencing-token.js";

/**
 * Appending whole sources.
 * @packageDocumentation
 */
export {
  type AppendAllOptions,
  type AppendProgress,
  type AppendTarget,
  appendAll,
} from "./append-all.js";
export { AppendAllError } from "./append-all-error.js";
export type { BatchLimits } from "./batch-packer.js";

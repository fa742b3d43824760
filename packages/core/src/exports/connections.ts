/** What tells of connections. */
export {
  type ConnectionEventMap,
  type ConnectionHooks,
  type ConnectionInfo,
  type ConnectionReport,
  createConnectionReporter,
} from "../transport/connection-hooks.js";
export { isSilence } from "../transport/silence.js";

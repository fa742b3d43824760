/** What every transport has of core. */
export {
  abortedError,
  invalidArgument,
  s2ErrorFromUnknown,
  sessionClosedError,
  show,
} from "../error/make.js";
export { S2Error } from "../error/s2-error.js";
export { checkInteger, checkMillis, checkObject } from "../model/checks.js";
export { type Clock, createSystemClock, MAX_TIMER } from "../util/clock.js";
export { createDeferred, type Deferred, ignoreRejection } from "../util/deferred.js";
export { onAbort } from "../util/signal.js";

/** What every client has: its errors, and the limits that it checks. */
export { factsOfCode } from "../error/codes.js";
export { abortedError, invalidArgument, s2ErrorFromUnknown, sessionClosedError } from "../error/make.js";
export { amendError, isS2Error, RangeNotSatisfiableError, S2Error } from "../error/s2-error.js";
export {
  MAX_BATCH_BYTES,
  MAX_BATCH_RECORDS,
  MAX_FENCING_TOKEN_BYTES,
  MAX_RECORD_BYTES,
} from "../model/limits.js";

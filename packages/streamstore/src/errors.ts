/**
 * Every error code with its meaning and what to do next. An entry of its own: programs that only handle errors do not
 * load the prose.
 * @packageDocumentation
 */
export {
  adviceFor,
  type CodeAdvice,
  type ErrorCode,
  type KnownCode,
  SDK_CODES,
  SERVER_CODES,
  type SideEffect,
} from "@s2-dev/streamstore-core/errors";

/**
 * Every error code with its meaning and what to do next: for pages, tools and messages to people. Nothing else here
 * loads it.
 * @packageDocumentation
 */
export { adviceFor, type CodeAdvice, SDK_CODES, SERVER_CODES } from "./error/advice.js";
export type { CodeFacts, ErrorCode, KnownCode, SdkCode, ServerCode, SideEffect } from "./error/codes.js";

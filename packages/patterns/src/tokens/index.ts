/**
 * Access tokens for browsers and others who may only read or write some streams for a while.
 * @packageDocumentation
 */
export {
  issueReaderToken,
  issueWriterToken,
  type NameOrPrefix,
  type ReaderTokenArgs,
  type ScopedTokenArgs,
  type TokenIssuer,
  type WriterTokenArgs,
} from "./issue-token.js";
export { ScopedToken } from "./scoped-token.js";

/**
 * Reading to the tail, from the tail, and on from a saved position.
 * @packageDocumentation
 */
export { type CatchUpArgs, catchUp, type Feed, type FeedPart } from "./catch-up.js";
export { type CollectArgs, collect } from "./collect.js";
export { type AllRecords, type ReadAllArgs, readAll, type SessionSource } from "./read-all.js";
export { type ReadLastArgs, readLast } from "./read-last.js";
export { type GapPolicy, type ReplayGap, ReplayGapError } from "./replay-gap.js";
export {
  type ResumableStream,
  type ResumeArgs,
  type ResumedRecords,
  resumeReading,
} from "./resume-reading.js";

/*
 * Nothing but `export *`, as in `index.ts`: a program that encodes a cursor gets no codec of frames.
 */
export * from "./exports/append-batches.js";
export * from "./exports/base64.js";
export * from "./exports/codecs.js";
export * from "./exports/json-records.js";
export * from "./exports/limits.js";
export * from "./exports/managed-names.js";
export * from "./exports/names.js";

import type { Links } from "@s2-dev/streamstore-transport-fetch/calls";
import type { Appending, Parts, Reading, UnaryRead } from "./parts.js";

/** What carries sessions over `fetch`, as far as it is loaded. Code, not state: all clients share it. */
export const links: { -readonly [Name in keyof Links]?: Links[Name] } = {};
let reading: Reading | undefined;
let appending: Appending | undefined;
let unaryRead: UnaryRead | undefined;

/** Loads each part of a client when it is first needed. */
export const parts: Parts = {
  reading: () => reading ?? loadReading(),
  appending: () => appending ?? loadAppending(),
  unaryRead: () => unaryRead ?? loadUnaryRead(),
  control: () => import("./control.js"),
  exactlyOnce: () => import("./exactly-once.js"),
  refreshing: () => import("./refreshing-credentials.js"),
};

async function loadReading(): Promise<Reading> {
  const part = await import("./reading.js");
  links.openRead = part.openRead;
  reading = part;
  return part;
}

async function loadAppending(): Promise<Appending> {
  const part = await import("./appending.js");
  links.openAppend = part.openAppend;
  appending = part;
  return part;
}

async function loadUnaryRead(): Promise<UnaryRead> {
  unaryRead = await import("./unary-read.js");
  return unaryRead;
}

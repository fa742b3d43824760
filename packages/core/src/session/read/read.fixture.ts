import { S2Error, type S2ErrorInit } from "../../error/s2-error.js";
import type { ReadRecord, RecordFormat } from "../../model/record.js";
import type { RetryConfig } from "../../retry/settings.js";
import {
  createFakeClock,
  createScriptedTransport,
  createTestContext,
  type FakeClock,
  flushMicrotasks,
  type Observed,
  observe,
  type ScriptedReadLink,
  type ScriptedTransport,
} from "../../testing/index.js";
import type { Credentials } from "../context.js";
import type { ReadRange } from "./cursor.js";
import { openReadSession } from "./session.js";
import type { ReadSession } from "./types.js";

export interface ReadRigOptions {
  readonly retry?: RetryConfig;
  readonly signal?: AbortSignal;
  readonly random?: () => number;
  readonly credentials?: Credentials;
  readonly skips?: (record: ReadRecord) => boolean;
}

/** A read session on a scripted transport and a fake clock. */
export interface ReadRig {
  readonly clock: FakeClock;
  readonly transport: ScriptedTransport;
  /** The call that opens the session. */
  readonly opening: Observed<ReadSession>;
  /** The session, once it is open. */
  readonly session: ReadSession;
  /** How often the session has said that it ended. */
  readonly endings: number;
  /** What its owner calls to close it. */
  close(): Promise<void>;
  /** Opens the newest link. */
  open(): Promise<ScriptedReadLink>;
  /** Lets the newest link break, waits out the backoff, and opens the next one. */
  reopen(error?: S2Error): Promise<ScriptedReadLink>;
}

export function readRig(range: ReadRange, options: ReadRigOptions = {}): ReadRig {
  const clock = createFakeClock();
  const transport = createScriptedTransport();
  const base = createTestContext({ transport, clock, ...options });
  const context = options.credentials === undefined ? base : { ...base, credentials: options.credentials };
  let endings = 0;
  let close = async (): Promise<void> => {};
  const format = { as: "string" as RecordFormat, unsafeTimestamps: "error" } as const;
  const opening = observe(
    openReadSession(context, {
      range,
      format: { ...format, as: "string" },
      request: (asked) => ({ method: "GET", url: JSON.stringify(asked), headers: {} }),
      signal: options.signal,
      skips: options.skips,
      track: (given) => {
        close = given;
        return () => {
          endings += 1;
        };
      },
    }),
  );
  const rig: ReadRig = {
    clock,
    transport,
    opening,
    get session() {
      if (opening.value === undefined) throw new Error(`the session is not open: ${String(opening.reason)}`);
      return opening.value;
    },
    get endings() {
      return endings;
    },
    close: () => close(),
    async open() {
      const link = transport.read();
      link.open();
      await flushMicrotasks();
      return link;
    },
    async reopen(error = fault("CONNECTION_LOST")) {
      const before = transport.reads.length;
      transport.read().fail(error);
      await flushMicrotasks();
      while (transport.reads.length === before) {
        if (!(await clock.runNext())) throw new Error("no further link is going to be opened");
      }
      return rig.open();
    },
  };
  return rig;
}

/** What a link was asked for, without what was left open. */
export function rangeOf(link: ScriptedReadLink): ReadRange {
  return JSON.parse(link.request.url) as ReadRange;
}

/** A session that reads from 0, open. */
export async function openedRig(
  range: ReadRange = { seq_num: 0 },
  options: ReadRigOptions = {},
): Promise<ReadRig & { readonly link: ScriptedReadLink }> {
  const rig = readRig(range, options);
  const link = await rig.open();
  return Object.assign(Object.create(rig) as ReadRig, { link });
}

export const fault = (code: string, facts: Partial<S2ErrorInit> = {}): S2Error =>
  new S2Error({ message: code, code, ...facts });

import { decodeAppendInput } from "../../codec/append-input-decode.js";
import { S2Error, type S2ErrorInit } from "../../error/s2-error.js";
import { FRAME_HEAD_BYTES } from "../../model/limits.js";
import type { AppendAck } from "../../model/position.js";
import type { RetryConfig } from "../../retry/settings.js";
import {
  createFakeClock,
  createScriptedTransport,
  createTestContext,
  type FakeClock,
  flushMicrotasks,
  type Observed,
  observe,
  type ScriptedAppendLink,
  type ScriptedTransport,
} from "../../testing/index.js";
import type { WireRequest } from "../../transport/index.js";
import type { Credentials } from "../context.js";
import { createAppendSession } from "./session.js";
import type { AppendSession, AppendSessionOptions, SubmitArgs } from "./types.js";

export const appendRequest: WireRequest = {
  method: "POST",
  url: "https://b.test/v1/streams/s/records",
  headers: {},
};

export interface AppendRigOptions {
  readonly retry?: RetryConfig;
  readonly session?: AppendSessionOptions;
  readonly signal?: AbortSignal;
  readonly random?: () => number;
  readonly credentials?: Credentials;
}

/** An append session on a scripted transport and a fake clock. */
export interface AppendRig {
  readonly clock: FakeClock;
  readonly transport: ScriptedTransport;
  readonly session: AppendSession;
  /** How often the session has said that it ended. */
  readonly endings: number;
  /** Submits batches of one record with these bodies. */
  submit(...bodies: string[]): Observed<AppendAck>[];
  submitOne(body: string, args?: SubmitArgs): Observed<AppendAck>;
  /** Submits the bodies and opens the first link, so that they are on the wire. */
  sendOn(...bodies: string[]): { readonly link: ScriptedAppendLink; readonly acks: Observed<AppendAck>[] };
  /** Waits out the backoff and opens the next link. */
  reopen(): Promise<ScriptedAppendLink>;
}

export function appendRig(options: AppendRigOptions = {}): AppendRig {
  const clock = createFakeClock();
  const transport = createScriptedTransport();
  const base = createTestContext({ transport, clock, ...options });
  const context = options.credentials === undefined ? base : { ...base, credentials: options.credentials };
  let endings = 0;
  const session = createAppendSession(context, {
    request: appendRequest,
    options: options.session,
    signal: options.signal,
    track: () => () => {
      endings += 1;
    },
  });
  const submitOne = (body: string, args?: SubmitArgs): Observed<AppendAck> =>
    observe(session.submit({ body }, args));
  const submit = (...bodies: string[]): Observed<AppendAck>[] => bodies.map((body) => submitOne(body));
  return {
    clock,
    transport,
    session,
    get endings() {
      return endings;
    },
    submit,
    submitOne,
    sendOn(...bodies) {
      const acks = submit(...bodies);
      const link = transport.append();
      link.open();
      return { link, acks };
    },
    async reopen() {
      const before = transport.appends.length;
      while (transport.appends.length === before) {
        if (!(await clock.runNext())) throw new Error("no further link is going to be opened");
      }
      const link = transport.append();
      link.open();
      await flushMicrotasks();
      return link;
    },
  };
}

/** The bodies of what was sent on a link, one string a batch. */
export function bodiesSent(link: ScriptedAppendLink): string[] {
  return link.sent.map(({ frame }) =>
    decodeAppendInput(frame.subarray(FRAME_HEAD_BYTES))
      .records.map(({ body }) => new TextDecoder().decode(body))
      .join(),
  );
}

export const fault = (code: string, facts: Partial<S2ErrorInit> = {}): S2Error =>
  new S2Error({ message: code, code, ...facts });

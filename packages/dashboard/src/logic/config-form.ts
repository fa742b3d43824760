import type {
  BasinConfig,
  BasinReconfiguration,
  RetentionPolicy,
  StreamConfig,
  StreamReconfiguration,
} from "@s2-dev/streamstore";
import { durationOf, secondsFrom } from "./duration.js";

/** A stream's configuration as a form has it; an empty text is the default. */
export interface StreamForm {
  readonly storageClass: string;
  /** A duration, or `infinite`. */
  readonly retention: string;
  readonly timestamping: string;
  readonly uncapped: "" | "yes" | "no";
  /** A duration; empty or 0: never. */
  readonly deleteOnEmpty: string;
}

/** A basin's configuration as a form has it. */
export interface BasinForm {
  readonly createOnAppend: boolean;
  readonly createOnRead: boolean;
  readonly cipher: string;
  readonly streams: StreamForm;
}

export const EMPTY_STREAM: StreamForm = {
  storageClass: "",
  retention: "",
  timestamping: "",
  uncapped: "",
  deleteOnEmpty: "",
};

export const EMPTY_BASIN: BasinForm = {
  createOnAppend: false,
  createOnRead: false,
  cipher: "",
  streams: EMPTY_STREAM,
};

export function streamFormOf(config: StreamConfig): StreamForm {
  const { storage_class, retention_policy, timestamping, delete_on_empty } = config;
  const minAge = Number(delete_on_empty?.min_age_secs ?? 0);
  const { uncapped } = timestamping ?? {};
  return {
    storageClass: storage_class ?? "",
    retention: retentionText(retention_policy),
    timestamping: timestamping?.mode ?? "",
    uncapped: uncapped === undefined || uncapped === null ? "" : uncapped ? "yes" : "no",
    deleteOnEmpty: minAge === 0 ? "" : durationOf(minAge),
  };
}

export function basinFormOf(config: BasinConfig): BasinForm {
  return {
    createOnAppend: config.create_stream_on_append === true,
    createOnRead: config.create_stream_on_read === true,
    cipher: config.stream_cipher ?? "",
    streams: streamFormOf(config.default_stream_config ?? {}),
  };
}

/** What has to be said to turn one configuration into the other; empty when nothing. @throws Error naming the field. */
export function streamChange(before: StreamForm, after: StreamForm): StreamReconfiguration {
  const change: StreamReconfiguration = {};
  if (after.storageClass !== before.storageClass) change.storage_class = after.storageClass || null;
  if (after.retention !== before.retention) change.retention_policy = retentionFrom(after.retention);
  if (after.timestamping !== before.timestamping || after.uncapped !== before.uncapped) {
    change.timestamping = {
      ...(after.timestamping === before.timestamping ? {} : { mode: modeFrom(after.timestamping) }),
      ...(after.uncapped === before.uncapped
        ? {}
        : { uncapped: after.uncapped === "" ? null : after.uncapped === "yes" }),
    };
  }
  if (after.deleteOnEmpty !== before.deleteOnEmpty) {
    change.delete_on_empty = { min_age_secs: secondsIn(after.deleteOnEmpty, "Delete when empty") };
  }
  return change;
}

/** The same for a basin. */
export function basinChange(before: BasinForm, after: BasinForm): BasinReconfiguration {
  const change: BasinReconfiguration = {};
  if (after.createOnAppend !== before.createOnAppend) change.create_stream_on_append = after.createOnAppend;
  if (after.createOnRead !== before.createOnRead) change.create_stream_on_read = after.createOnRead;
  if (after.cipher !== before.cipher) {
    change.stream_cipher = (after.cipher || null) as NonNullable<
      BasinReconfiguration["stream_cipher"]
    > | null;
  }
  const streams = streamChange(before.streams, after.streams);
  if (Object.keys(streams).length > 0) change.default_stream_config = streams;
  return change;
}

/** The configuration of something new: only what was filled in. @throws Error naming the field. */
export function streamConfigFrom(form: StreamForm): StreamConfig {
  return withoutNulls(streamChange(EMPTY_STREAM, form)) as StreamConfig;
}

/** The same for a basin. */
export function basinConfigFrom(form: BasinForm): BasinConfig {
  return withoutNulls(basinChange(EMPTY_BASIN, form)) as BasinConfig;
}

function withoutNulls(change: object): object {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== null));
}

function retentionText(policy: RetentionPolicy | null | undefined): string {
  if (policy === null || policy === undefined) return "";
  return "infinite" in policy ? "infinite" : durationOf(Number(policy.age));
}

function retentionFrom(text: string): RetentionPolicy | null {
  const given = text.trim();
  if (given === "") return null;
  if (/^(infinite|forever)$/i.test(given)) return { infinite: {} };
  return { age: secondsIn(given, "Retention") ?? 0 };
}

function secondsIn(text: string, field: string): number | null {
  if (text.trim() === "") return null;
  const seconds = secondsFrom(text);
  if (seconds === undefined)
    throw new Error(`${field} is a duration such as 7d or 1h 30m; got ${text.trim()}`);
  return seconds;
}

function modeFrom(text: string): NonNullable<StreamReconfiguration["timestamping"]>["mode"] {
  return (text || null) as "client-prefer" | "client-require" | "arrival" | null;
}

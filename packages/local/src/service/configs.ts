import type { U64 } from "../storage/u64.js";
import { invalid } from "./errors.js";

/** How long records live. */
export type Retention = "infinite" | { readonly ageSecs: U64 };
export type TimestampingMode = "client-prefer" | "client-require" | "arrival";
export type Cipher = "aegis-256" | "aes-256-gcm";

/** One layer of a stream's configuration: `null` leaves a value to the layer below. */
export interface StreamConfigLayer {
  readonly storageClass: string | null;
  readonly retention: Retention | null;
  readonly mode: TimestampingMode | null;
  readonly uncapped: boolean | null;
  readonly minAgeSecs: U64 | null;
}

/** A stream's configuration with every value decided. */
export interface StreamSettings {
  readonly storageClass: string;
  readonly retention: Retention;
  readonly mode: TimestampingMode;
  readonly uncapped: boolean;
  /** Seconds that the stream lives on when empty; 0 means that it is never deleted for that. */
  readonly minAgeSecs: U64;
}

export interface BasinSettings {
  readonly defaults: StreamConfigLayer;
  readonly streamCipher: Cipher | null;
  readonly createOnAppend: boolean;
  readonly createOnRead: boolean;
}

/** A change of a layer: absent keeps, `null` resets; a `null` group resets all of its values. */
export interface StreamConfigPatch {
  readonly storageClass?: string | null;
  readonly retention?: Retention | null;
  readonly timestamping?: {
    readonly mode?: TimestampingMode | null;
    readonly uncapped?: boolean | null;
  } | null;
  readonly deleteOnEmpty?: { readonly minAgeSecs?: U64 | null } | null;
}

/** A change of a basin: absent keeps. */
export interface BasinPatch {
  readonly defaults?: StreamConfigPatch | null;
  readonly streamCipher?: Cipher | null;
  readonly createOnAppend?: boolean;
  readonly createOnRead?: boolean;
}

export const EMPTY_LAYER: StreamConfigLayer = {
  storageClass: null,
  retention: null,
  mode: null,
  uncapped: null,
  minAgeSecs: null,
};

export const DEFAULT_BASIN: BasinSettings = {
  defaults: EMPTY_LAYER,
  streamCipher: null,
  createOnAppend: false,
  createOnRead: false,
};

const SERVICE_DEFAULTS: StreamSettings = {
  storageClass: "express",
  retention: { ageSecs: 7 * 24 * 60 * 60 },
  mode: "client-prefer",
  uncapped: false,
  minAgeSecs: 0,
};

/** Decides every value: the stream's, else the basin's, else the service's. */
export function resolveStreamConfig(stream: StreamConfigLayer, basin: StreamConfigLayer): StreamSettings {
  return {
    storageClass: stream.storageClass ?? basin.storageClass ?? SERVICE_DEFAULTS.storageClass,
    retention: stream.retention ?? basin.retention ?? SERVICE_DEFAULTS.retention,
    mode: stream.mode ?? basin.mode ?? SERVICE_DEFAULTS.mode,
    uncapped: stream.uncapped ?? basin.uncapped ?? SERVICE_DEFAULTS.uncapped,
    minAgeSecs: stream.minAgeSecs ?? basin.minAgeSecs ?? SERVICE_DEFAULTS.minAgeSecs,
  };
}

/** Applies a change to a layer, or to settings, whose reset values become undecided again. */
export function patchLayer(layer: StreamConfigLayer, patch: StreamConfigPatch): StreamConfigLayer {
  const timestamping = patch.timestamping === null ? { mode: null, uncapped: null } : patch.timestamping;
  const deleteOnEmpty = patch.deleteOnEmpty === null ? { minAgeSecs: null } : patch.deleteOnEmpty;
  return {
    storageClass: patched(layer.storageClass, patch.storageClass),
    retention: patched(layer.retention, patch.retention),
    mode: patched(layer.mode, timestamping?.mode),
    uncapped: patched(layer.uncapped, timestamping?.uncapped),
    minAgeSecs: patched(layer.minAgeSecs, deleteOnEmpty?.minAgeSecs),
  };
}

/** Applies a change to a basin's configuration. */
export function patchBasin(basin: BasinSettings, patch: BasinPatch): BasinSettings {
  const { defaults } = patch;
  return {
    defaults:
      defaults === undefined
        ? basin.defaults
        : defaults === null
          ? EMPTY_LAYER
          : patchLayer(basin.defaults, defaults),
    streamCipher: patched(basin.streamCipher, patch.streamCipher),
    createOnAppend: patch.createOnAppend ?? basin.createOnAppend,
    createOnRead: patch.createOnRead ?? basin.createOnRead,
  };
}

function patched<T>(old: T, change: T | undefined): T {
  return change === undefined ? old : change;
}

/** Throws 422 for a retention of no time. */
export function checkRetention(retention: Retention | null | undefined): void {
  if (retention === null || retention === undefined || retention === "infinite") return;
  if (retention.ageSecs === 0) throw invalid("age must be greater than 0 seconds");
}

/** Whether two configurations are the same. */
export function sameConfig(left: object, right: object): boolean {
  return configKey(left) === configKey(right);
}

/** A text that equals another configuration's when they are the same. */
export function configKey(config: object): string {
  return JSON.stringify(config, (_name, value: unknown) => (typeof value === "bigint" ? `${value}` : value));
}

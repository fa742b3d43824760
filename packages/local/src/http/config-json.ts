import type { requestSchemas } from "@s2-dev/streamstore-core/schemas";
import {
  type BasinPatch,
  type BasinSettings,
  DEFAULT_BASIN,
  EMPTY_LAYER,
  type Retention,
  type StreamConfigLayer,
  type StreamConfigPatch,
  type StreamSettings,
} from "../service/configs.js";

type Parsed<N extends keyof typeof requestSchemas> =
  ReturnType<(typeof requestSchemas)[N]["safeParse"]> extends infer R
    ? R extends { success: true; data: infer T }
      ? T
      : never
    : never;

/** A stream's configuration as submitted. */
export type StreamConfigJson = Parsed<"ensure_stream">;
type StreamChangeJson = Parsed<"reconfigure_stream">;
type BasinConfigJson = NonNullable<NonNullable<Parsed<"ensure_basin">>["config"]>;
type BasinChangeJson = Parsed<"reconfigure_basin">;
type RetentionJson = NonNullable<StreamConfigJson["retention_policy"]>;

/** A configuration out of a request's body. */
export function layerFromJson(json: StreamConfigJson | null | undefined): StreamConfigLayer {
  if (json === null || json === undefined) return EMPTY_LAYER;
  const { delete_on_empty: deleteOnEmpty } = json;
  return {
    storageClass: json.storage_class ?? null,
    retention: json.retention_policy == null ? null : retentionFromJson(json.retention_policy),
    mode: json.timestamping?.mode ?? null,
    uncapped: json.timestamping?.uncapped ?? null,
    // An object without the field says 0, which is not the same as saying nothing.
    minAgeSecs: deleteOnEmpty == null ? null : (deleteOnEmpty.min_age_secs ?? 0),
  };
}

export function basinFromJson(json: BasinConfigJson | null | undefined): BasinSettings {
  if (json === null || json === undefined) return DEFAULT_BASIN;
  return {
    defaults: layerFromJson(json.default_stream_config),
    streamCipher: json.stream_cipher ?? null,
    createOnAppend: json.create_stream_on_append ?? false,
    createOnRead: json.create_stream_on_read ?? false,
  };
}

/** A change out of a request's body: what is absent there is absent here. */
export function streamPatchFromJson(json: StreamChangeJson): StreamConfigPatch {
  const {
    storage_class: storageClass,
    retention_policy: retention,
    timestamping,
    delete_on_empty: group,
  } = json;
  return {
    ...(storageClass === undefined ? {} : { storageClass }),
    ...(retention === undefined
      ? {}
      : { retention: retention === null ? null : retentionFromJson(retention) }),
    ...(timestamping === undefined
      ? {}
      : { timestamping: timestamping === null ? null : present(timestamping) }),
    ...(group === undefined
      ? {}
      : { deleteOnEmpty: group === null ? null : minAgePatch(group.min_age_secs) }),
  };
}

export function basinPatchFromJson(json: BasinChangeJson): BasinPatch {
  const { default_stream_config: defaults, stream_cipher: streamCipher } = json;
  return {
    ...(defaults === undefined ? {} : { defaults: defaults === null ? null : streamPatchFromJson(defaults) }),
    ...(streamCipher === undefined ? {} : { streamCipher }),
    ...(json.create_stream_on_append === undefined ? {} : { createOnAppend: json.create_stream_on_append }),
    ...(json.create_stream_on_read === undefined ? {} : { createOnRead: json.create_stream_on_read }),
  };
}

/** A stream's configuration as it is answered: every value is there. */
export function settingsToJson(settings: StreamSettings): object {
  return {
    storage_class: settings.storageClass,
    retention_policy: retentionToJson(settings.retention),
    timestamping: { mode: settings.mode, uncapped: settings.uncapped },
    delete_on_empty: { min_age_secs: settings.minAgeSecs },
  };
}

/** A basin's configuration as it is answered: only what was set is there, the rest is `null`. */
export function basinToJson(settings: BasinSettings): object {
  return {
    default_stream_config: layerToJson(settings.defaults),
    stream_cipher: settings.streamCipher,
    create_stream_on_append: settings.createOnAppend,
    create_stream_on_read: settings.createOnRead,
  };
}

function layerToJson(layer: StreamConfigLayer): object | null {
  if (Object.values(layer).every((value) => value === null)) return null;
  const { mode, uncapped, minAgeSecs } = layer;
  return {
    storage_class: layer.storageClass,
    retention_policy: layer.retention === null ? null : retentionToJson(layer.retention),
    timestamping: mode === null && uncapped === null ? null : { mode, uncapped },
    delete_on_empty: minAgeSecs === null ? null : { min_age_secs: minAgeSecs },
  };
}

function retentionToJson(retention: Retention): object {
  return retention === "infinite" ? { infinite: {} } : { age: retention.ageSecs };
}

function retentionFromJson(json: RetentionJson): Retention {
  return "age" in json ? { ageSecs: json.age } : "infinite";
}

function minAgePatch(minAgeSecs: number | bigint | null | undefined): {
  minAgeSecs?: number | bigint | null;
} {
  return minAgeSecs === undefined ? {} : { minAgeSecs };
}

/** The same object without members that are `undefined`. */
function present<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as never;
}
